import assert from 'node:assert/strict'
import { type OpenOptions, storeSuite } from '@prm/conformance/store'
import { sqlite } from '@prm/store-sqlite'
import { test } from 'vitest'
import { cursor, job } from '../../../conformance/src/store/place.ts'
import { strike } from './faults.ts'
import { type Here, onServer, place } from './place.ts'

const places = new Map<string, Here>()

function placeOf(database: string): Here {
  const here = places.get(database) ?? place()
  places.set(database, here)
  return here
}

type Strikes = () => boolean

function struck(cuts: boolean) {
  return (database: string, options: OpenOptions, strikes: Strikes) => {
    const here = placeOf(database)
    const cut = async (pid: number): Promise<void> => {
      await here.ask(`select pg_terminate_backend(${pid})`)
    }
    const url = async (): Promise<string> => {
      await here.made
      return strike(here.url, strikes, cuts ? cut : undefined)
    }
    return here.open({ ...options, url })
  }
}

const losing = struck(true)

onServer('PostgreSQL', { timeout: 120_000 }, () => {
  storeSuite(test, {
    open: (database, options) => placeOf(database).open(options),
    remove: (database) => places.get(database)?.remove(),
    other: () => sqlite({ memory: true }),
    faults: { fails: struck(false), 'loses its connection': losing },
  })

  test('a commit whose connection is lost at any one statement is written, and its caller hears no error', async () => {
    let struck = true
    for (let n = 1; struck; n++) {
      struck = false
      let moment = 0
      let armed = false
      const store = losing('lost', {}, () => {
        if (!armed || ++moment !== n) return false
        struck = true
        return true
      })
      const scope = store.scope(`lost at ${n}`)
      await scope.types()
      armed = true
      assert.deepEqual(await scope.commit([{ put: [cursor('a', 1, 0)], jobs: [job('a')] }]), [true], `moment ${n}`)
      armed = false
      assert.equal((await scope.backlog(['deliver'])).waiting, 1)
      await store.close()
    }
    await places.get('lost')?.remove()
  })
})
