import type { Message } from './decision.ts'
import { type Engine, now, put } from './engine.ts'
import type { Code } from './errors.ts'
import type { Outage, Prm } from './host.ts'
import type { Actor } from './interaction.ts'
import { noted } from './people.ts'
import { decisionOf } from './send.ts'
import { instant, milliseconds, spoken } from './time.ts'
import type { Instant, Price } from './words.ts'

// When an adapter did not answer, in one row of the library: all its hosts go by it, also after a restart.

export type Down = Pick<Outage, 'adapter' | 'since' | 'until' | 'why'>

/** No adapter's name holds a blank. */
const rowId = 'adapter outages'
const mostKept = 200
/** One that comes again so soon is the same outage. */
const sameMs = milliseconds('15m')
/** How long before it is due a message is decided at most, to be found by the report. */
const plannedMs = milliseconds('30d')

async function read(engine: Engine): Promise<{ readonly all: readonly Down[]; readonly version: number }> {
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
    if (!before) return [...all, { adapter, since, why }]
    const { until, ...open } = before
    // That a call which fails may have been taken is news.
    if (!until && (why !== 'unknown' || open.why === why)) return undefined
    const another = until && Date.parse(since) - Date.parse(until) >= sameMs
    return another ? [...all, { adapter, since, why }] : [...all.toSpliced(last, 1), { ...open, why }]
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

// ── the report ───────────────────────────────────────────────────────────────────────────────

/** Each outage with what it did to messages, by what is stored of them: one look over those that were decided until its end. */
export async function outages(
  engine: Engine,
  by: Actor,
  { since = instant(engine.now().getTime() - milliseconds('7d')) }: NonNullable<Parameters<Prm['outages']>[0]> = {},
): ReturnType<Prm['outages']> {
  await noted(engine, by, 'outages')
  const at = now(engine)
  const { all } = await read(engine)
  const found = all
    .filter(({ until = at }) => until >= since)
    .map((down) => ({ down, affected: [] as Outage['affected'][number][], costs: new Map<string, number>() }))
  if (found.length === 0) return []
  const from = Math.min(...found.map(({ down }) => Date.parse(down.since))) - plannedMs
  for await (const message of engine.scope.find('message', { since: instant(from) }))
    for (const { down, affected, costs } of found) {
      const { became, cost } = (await fateOf(engine, message, down)) ?? {}
      const { key, patronId } = message
      if (became) affected.push({ key, ...(patronId !== undefined && { patronId }), became })
      if (cost) costs.set(cost.currency, (costs.get(cost.currency) ?? 0) + cost.micros)
    }
  return found.map(({ down, affected, costs }) => {
    const cost = [...costs].map(([currency, micros]) => ({ micros, currency }))
    return { ...down, affected, cost, text: inWords(engine, { ...down, affected, cost }) }
  })
}

/** What became of a message that was due by this adapter before it was back; nothing where it had gone, or ended, before. */
async function fateOf(
  engine: Engine,
  { key, via, notBefore, state, attempts }: Message,
  { adapter, since, until }: Down,
): Promise<{ readonly became: Outage['affected'][number]['became']; readonly cost?: Price } | undefined> {
  if (via !== adapter || notBefore >= (until ?? now(engine))) return undefined
  const { at = since, outcome = '' } = attempts.at(-1) ?? {}
  if (at < since) return undefined
  if (state === 'planned' || state === 'unknown') return { became: 'waiting' }
  if (state === 'expired') return { became: 'expired' }
  if (state !== 'cancelled') return until && at >= until ? { became: 'late' } : undefined
  const next = outcome.endsWith(goesOn) ? (await decisionOf(engine, `${key} again`))?.outcome : undefined
  return next?.send && next.via !== adapter ? { became: 'moved', ...(next.cost && { cost: next.cost }) } : undefined
}
/** How the last outcome ends of a message in whose place another is decided. */
export const goesOn = 'another way is tried'

function inWords(engine: Engine, { adapter, since, until, why, affected, cost }: Omit<Outage, 'text'>): string {
  const { locale, timeZone } = engine.options.library
  const when = (at: Instant) => spoken(Date.parse(at), timeZone)
  const many = ({ became }: { readonly became: string }) => affected.filter((one) => one.became === became).length
  const money = cost.map(({ micros, currency }) =>
    new Intl.NumberFormat(locale, { style: 'currency', currency }).format(micros / 1_000_000),
  )
  const patrons = new Set(affected.flatMap(({ patronId = [] }) => patronId)).size
  return [
    `${adapter}: down from ${when(since)} ${until ? `to ${when(until)}` : 'on'} (${why}).`,
    `Late: ${many({ became: 'late' })}. Another way: ${many({ became: 'moved' })}${money.length > 0 ? ` for ${money.join(', ')}` : ''}.`,
    `Worthless before it could go: ${many({ became: 'expired' })}. Still waiting: ${many({ became: 'waiting' })}.`,
    `Patrons: ${patrons}.`,
  ].join(' ')
}
