import assert from 'node:assert/strict'
import type { Adapter } from '@prm/core/adapter'
import { impatient, outbound } from './channel.ts'
import type { Check, Rig } from './checks.ts'
import { until, within } from './rig.ts'

export const check: readonly Check[] = [{ id: 'check/findings', run: findings }]

async function findings(rig: Rig): Promise<void> {
  const { check } = rig.make()
  assert(check)
  const said = await within(check(rig.context()))
  assert(said.length > 0, 'check finds nothing to say')
  for (const { what, ok, detail } of said) {
    assert.match(what, /^[a-z]+(\.[a-z-]+)*$/, 'what is a word such as channel.send')
    assert([true, false, 'unknown'].includes(ok) && typeof detail === 'string' && detail !== '', `${what} says no more`)
  }
}

export const lifecycle: readonly Check[] = [
  { id: 'lifecycle/close', needs: ['close'], run: close },
  { id: 'lifecycle/left-open', run: leftOpen },
]

async function close(rig: Rig): Promise<void> {
  const adapter = rig.make()
  await use(rig, adapter)
  for (let n = 0; n < 2; n++) await within(Promise.resolve(adapter.close?.()))
}

/** Everything it offers once, also what hangs. What goes wrong here is other checks' business. */
async function use(rig: Rig, adapter: Adapter): Promise<void> {
  const { channel, feed, directory, check } = adapter
  const write = async () => channel && rig.fixtures.known && impatient(rig, adapter, outbound(rig))
  const calls: readonly (() => Promise<unknown>)[] = [
    async () => check?.(rig.context()),
    async () => rig.fixtures.known && directory?.find(rig.fixtures.known, rig.context()),
    async () => {
      for await (const _ of feed?.pull(undefined, rig.context()) ?? []) break
    },
    write,
    async () => rig.fault('hang-after-accept'),
    write,
  ]
  for (const call of calls) await within(call()).catch((error: unknown) => rig.witness.errors.push(error))
}

/** Timers and sockets that would keep the host's process alive. */
async function leftOpen(rig: Rig): Promise<void> {
  await use(rig, rig.make())
  await rig.close()
  await until(() => more(rig.before).length === 0, 4_000)
  assert.deepEqual(more(rig.before), [], 'something is left open')
}

function more(before: readonly string[]): readonly string[] {
  const known = [...before]
  return process.getActiveResourcesInfo().filter((one) => {
    const at = known.indexOf(one)
    if (at >= 0) known.splice(at, 1)
    return at < 0
  })
}
