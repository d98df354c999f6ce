// In: calls of one adapter that had no answer. Out: an outage, and when it is over.
import type { Code, Instant, Outage } from '../contract/index.ts'
import { type Engine, put } from '../runtime/index.ts'
import { milliseconds } from '../time/index.ts'

// When an adapter did not answer, in one row of the library: all its hosts go by it, also after a restart.

export type Down = Pick<Outage, 'adapter' | 'since' | 'until' | 'code'>

/** No adapter's name holds a blank. */
const rowId = 'adapter outages'

const mostKept = 200

/** One that comes again so soon is the same outage. */
const sameMs = milliseconds('15m')

export async function read(engine: Engine): Promise<{ readonly all: readonly Down[]; readonly version: number }> {
  const row = await engine.scope.get('cursor', rowId)
  return { all: (row?.value.value ?? []) as unknown as readonly Down[], version: row?.version ?? 0 }
}

/** The adapters that are down, as any host knows them. */
export async function downNow(engine: Engine): Promise<ReadonlyMap<string, Down>> {
  const { all } = await read(engine)
  const open = new Map(all.flatMap((one) => (one.until ? [] : [[one.adapter, one] as const])))
  engine.down.clear()
  for (const adapter of open.keys()) engine.down.add(adapter)
  return open
}

/** Notes that it is down. It comes after a call, so it throws nothing: what that came to must be kept. */
export async function isDown(engine: Engine, adapter: string, since: Instant, why: Code): Promise<void> {
  await change(engine, (all) => {
    const last = all.findLastIndex((one) => one.adapter === adapter)
    const before = all[last]
    if (!before) return [...all, { adapter, since, code: why }]
    const { until, ...open } = before
    // That a call which fails may have been taken is news.
    if (!until && (why !== 'unknown' || open.code === why)) return undefined
    const another = until && Date.parse(since) - Date.parse(until) >= sameMs
    return another ? [...all, { adapter, since, code: why }] : [...all.toSpliced(last, 1), { ...open, code: why }]
  })
  engine.down.add(adapter)
}

/** It has answered, maybe a call from before the outage. Throws nothing either. */
export async function isBack(engine: Engine, adapter: string, until: Instant): Promise<void> {
  if (!engine.down.delete(adapter)) return
  await change(engine, (all) => {
    const last = all.findLastIndex((one) => one.adapter === adapter && !one.until)
    const open = all[last]
    return open && all.with(last, { ...open, until: until < open.since ? open.since : until })
  })
}

async function change(engine: Engine, by: (all: readonly Down[]) => readonly Down[] | undefined): Promise<void> {
  try {
    for (let written: boolean | undefined = false; !written; ) {
      const { all, version } = await read(engine)
      const value = by(all)?.slice(-mostKept)
      if (!value) return
      const row = { id: rowId, value: value.map((one) => ({ ...one })) }
      ;[written] = await engine.scope.commit([{ put: [put('cursor', row, version)] }])
    }
  } catch (error) {
    const { name } = error instanceof Error ? error : { name: 'unknown' }
    engine.options.log?.('error', 'An outage could not be noted.', { error: name })
  }
}
