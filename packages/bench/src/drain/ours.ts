import { join } from 'node:path'
import { phone } from '@prm/kit'
import { recipients } from '../audience.ts'
import { host, sendOf, storeAt } from '../ours.ts'
import type { Contend } from '../place.ts'
import { type Drained, type Task, timed } from './task.ts'

/** `run` over messages that are stored already: leases, the second look, the call, and the outcome on disk. */
export const contend: Contend<Task, Drained> = async ({ provider, count, concurrency, folder, database }) => {
  const { prm } = host(await storeAt(database ?? join(folder, 'store.db')), {
    provider,
    concurrency,
    url: 'https://library.example/prm',
  })
  await prm.run({ once: true }) // what a first start does is not a message's
  const sends = Array.from(recipients(count), (one) => sendOf(one, phone(one.phone, 'US').e164 ?? ''))
  for await (const { outcome } of prm.sendAll(sends)) if (!outcome.send) throw new Error('Decided against.')
  let taken = 0
  prm.on('message', ({ state }) => {
    if (state === 'accepted') taken++
  })
  const drained = await timed(count, async () => void (await prm.run({ once: true })))
  await prm.close()
  if (taken !== count) throw new Error(`${taken} of ${count} were taken.`)
  return drained
}
