import { collect, type Engine, type Gap, type Gaps, put, settleMs, type Way } from './engine.ts'
import { instant, milliseconds } from './time.ts'
import type { Instant, Json } from './words.ts'

// A machine restored from a snapshot, a backup put back, an old export read in: nobody says so, but then the store had decided
// nothing for a while when a host began. It stands in one row of the library, since that host may be killed the next moment.

/** No adapter's name holds a blank. */
const rowId = 'store gaps'
/** Feeds tell again at once, and what waits for a window or a rate goes within days. */
const keptMs = milliseconds('7d')
const mostKept = 20

/** Notes that there was one, where there was, before this host decides anything; and answers all that are heeded. */
export async function noteGap(engine: Engine): Promise<Gaps> {
  const { scope, options, began } = engine
  const [last] = await collect(scope.find('decision', { order: 'newest', limit: 1 }))
  const channels = Object.values(options.adapters).flatMap(({ channel }) => (channel?.find ? [channel] : []))
  const long = Math.min(...channels.map(shortest))
  const at = instant(began)
  const heeded = instant(began - keptMs)
  if (!last || Date.parse(last.at) + long > began) {
    const { all, known } = (await read(engine)).gaps
    return { all: all.filter((gap) => gap.at > heeded), known }
  }
  return change(engine, ({ all, known }) => {
    const others = all.filter((gap) => gap.at > heeded && gap.from !== last.at)
    const sorted = [...others, { from: last.at, at }].sort((a, b) => (a.at < b.at ? -1 : 1))
    const [one, two, ...rest] = sorted
    return { all: one && two && sorted.length > mostKept ? [{ ...one, at: two.at }, ...rest] : sorted, known }
  })
}

/** So many in a row had not gone: of what goes this way enough is known, as far as this host looked. */
export async function noteKnown(engine: Engine, way: Way, at: Instant): Promise<Gaps> {
  return change(engine, ({ all, known }) => ({ all, known: { ...known, [way]: at } }))
}

/** Look-ups tell nothing of a shorter one. */
export function isLong({ from, at }: Gap, channel: Parameters<typeof settleMs>[0]): boolean {
  return Date.parse(from) + shortest(channel) <= Date.parse(at)
}

function shortest(channel: Parameters<typeof settleMs>[0]): number {
  return Math.min(settleMs(channel), milliseconds('60s'))
}

async function read(engine: Engine): Promise<{ readonly gaps: Gaps; readonly version: number }> {
  const row = await engine.scope.get('cursor', rowId)
  const gaps = (row?.value.value ?? { all: [], known: {} }) as unknown as Gaps
  return { gaps, version: row?.version ?? 0 }
}

async function change(engine: Engine, by: (gaps: Gaps) => Gaps): Promise<Gaps> {
  for (;;) {
    const { gaps, version } = await read(engine)
    const value = by(gaps)
    const row = { id: rowId, value: value as unknown as Json }
    const [written] = await engine.scope.commit([{ put: [put('cursor', row, version)] }])
    if (written) return value
  }
}
