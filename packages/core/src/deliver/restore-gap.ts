// In: a store that was put back from a backup. Out: the time of which it may not know what was sent.
import type { Channel, Instant, Json } from '../contract/index.ts'
import { collect, type Engine, type Gap, type Gaps, put, settleMs, type Way } from '../runtime/index.ts'
import { instant, milliseconds } from '../time/index.ts'

// A machine restored from a snapshot, a backup put back, an old export read in: nobody says so, but then the store had decided
// nothing for a while when a host began. It stands in one row of the library, since that host may be killed the next moment.

/** No adapter's name holds a blank. */
const rowId = 'store gaps'

/** Feeds tell again at once, and what waits for a window or a rate goes within days. */
const keptMs = milliseconds('7d')

const mostKept = 20

/** A clock may be wrong by so much, and no more. */
const aheadMs = milliseconds('1h')

const minuteMs = milliseconds('60s')

/** Notes that there was one, where there was, before this host decides anything; and answers all that are heeded. */
export async function noteGap(engine: Engine): Promise<Gaps> {
  const { scope, options, began } = engine
  // What a clock dated that ran ahead hides no gap.
  const until = instant(engine.now().getTime() + minuteMs)
  const [last] = await collect(scope.find('decision', { order: 'newest', limit: 1, until }))
  const channels = Object.values(options.adapters).flatMap(({ channel }) => (channel?.lookup ? [channel] : []))
  // Also where nobody can be asked here: another host may ask.
  const long = Math.min(minuteMs, ...channels.map(shortest))
  const at = instant(began)
  const heeded = instant(began - keptMs)
  if (!last || Date.parse(last.at) + long > began) return (await read(engine)).gaps
  return change(engine, ({ all, known }) => {
    const others = all.filter((gap) => gap.at > heeded && gap.from !== last.at)
    const noted = all.find((gap) => gap.from === last.at)?.noted ?? at
    const sorted = [...others, { from: last.at, at, noted }].sort((a, b) => (a.at < b.at ? -1 : 1))
    const [one, two, ...rest] = sorted
    return { all: one && two && sorted.length > mostKept ? [{ ...one, at: two.at }, ...rest] : sorted, known }
  })
}

/** So many in a row had not gone: of what goes this way enough is known, as far as this host looked. */
export async function noteKnown(engine: Engine, way: Way, at: Instant): Promise<void> {
  await change(engine, ({ all, known }) => ({ all, known: { ...known, [way]: at } }))
}

/** Look-ups tell nothing of a short one, it counts for a week, and one in the future is a wrong clock's. */
export function counts({ from, at }: Gap, channel: Channel, now: Instant): boolean {
  const age = Date.parse(now) - Date.parse(at)
  return Date.parse(from) + shortest(channel) <= Date.parse(at) && age < keptMs && age > -aheadMs
}

function shortest(channel: Channel): number {
  return Math.min(settleMs(channel), minuteMs)
}

async function read(engine: Engine): Promise<{ readonly gaps: Gaps; readonly version: number }> {
  const row = await engine.scope.get('cursor', rowId)
  const { all, known } = fieldsOf(row?.value.value)
  const gaps = {
    all: Array.isArray(all) ? all.filter(isGap) : [],
    known: Object.fromEntries(Object.entries(fieldsOf(known)).filter(isText)),
  }
  return { gaps, version: row?.version ?? 0 }
}

async function change(engine: Engine, by: (gaps: Gaps) => Gaps): Promise<Gaps> {
  for (;;) {
    const { gaps, version } = await read(engine)
    const value = by(gaps)
    const [written] = await engine.scope.commit([{ put: [put('cursor', { id: rowId, value }, version)] }])
    if (written) return value
  }
}

// What is no such row stops nobody: it is as if nothing were known.
function fieldsOf(value: Json | undefined): { readonly [field: string]: Json } {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}

function isGap(value: Json): value is Gap {
  const { from, at, noted } = fieldsOf(value)
  return [from, at, noted].every((one) => typeof one === 'string')
}

function isText(field: [string, Json]): field is [Way, Instant] {
  return typeof field[1] === 'string'
}
