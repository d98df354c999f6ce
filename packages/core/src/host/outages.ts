// In: a time. Out: the outages since then, and what became of the messages they concerned.
import type { Actor, Instant, Message, Outage, Price, Prm } from '../contract/index.ts'
import { type Down, read } from '../deliver/index.ts'
import { decisionOf, type Engine, goesOn, noted, now } from '../runtime/index.ts'
import { instant, milliseconds, spoken } from '../time/index.ts'

/** How long before it is due a message is decided at most, to be found by the report. */
const plannedMs = milliseconds('30d')

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
      const { result, cost } = (await fateOf(engine, message, down)) ?? {}
      const { key, patronId } = message
      if (result) affected.push({ key, ...(patronId !== undefined && { patronId }), result })
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
): Promise<{ readonly result: Outage['affected'][number]['result']; readonly cost?: Price } | undefined> {
  if (via !== adapter || notBefore >= (until ?? now(engine))) return undefined
  const { at = since, outcome = '' } = attempts.at(-1) ?? {}
  if (at < since) return undefined
  if (state === 'planned' || state === 'unknown') return { result: 'waiting' }
  if (state === 'expired') return { result: 'expired' }
  if (state !== 'cancelled') return until && at >= until ? { result: 'delayed' } : undefined
  const next = outcome.endsWith(goesOn) ? (await decisionOf(engine, `${key} again`))?.outcome : undefined
  return next?.send && next.via !== adapter ? { result: 'rerouted', ...(next.cost && { cost: next.cost }) } : undefined
}

function inWords(engine: Engine, { adapter, since, until, code, affected, cost }: Omit<Outage, 'text'>): string {
  const { locale, timeZone } = engine.options.library
  const when = (at: Instant) => spoken(Date.parse(at), timeZone)
  const many = ({ result }: { readonly result: string }) => affected.filter((one) => one.result === result).length
  const money = cost.map(({ micros, currency }) =>
    new Intl.NumberFormat(locale, { style: 'currency', currency }).format(micros / 1_000_000),
  )
  const patrons = new Set(affected.flatMap(({ patronId = [] }) => patronId)).size
  return [
    `${adapter}: down from ${when(since)} ${until ? `to ${when(until)}` : 'on'} (${code}).`,
    `Late: ${many({ result: 'delayed' })}. Another way: ${many({ result: 'rerouted' })}${money.length > 0 ? ` for ${money.join(', ')}` : ''}.`,
    `Worthless before it could go: ${many({ result: 'expired' })}. Still waiting: ${many({ result: 'waiting' })}.`,
    `Patrons: ${patrons}.`,
  ].join(' ')
}
