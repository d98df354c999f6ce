import { type Medium, PrmError, type Scope } from '@prm/core'
import { addressOf } from './address.ts'
import { approvalOf, type Checked, checked } from './approve.ts'
import { meter } from './clock.ts'
import { costOf, spokenCost, sum } from './cost.ts'
import { effectOf } from './effect.ts'
import { idOf, readPlan } from './file.ts'
import { clockOf } from './host.ts'
import { exclusions } from './plan.ts'
import { type Became, excludedBy, fates, type Sending, summaryOf } from './run.ts'
import { keptOf } from './state.ts'
import type { Report, ReportOptions } from './types.ts'

/** What became of a plan: every row of it is in one line. */
export async function report(host: Sending, file: string, options: ReportOptions): Promise<Report> {
  const { signal, onProgress } = options
  const plan = await checked(file, signal)
  const { footer, hash } = plan
  const progress = meter('report', onProgress, clockOf(host))
  const acted = await idsOf(host, options)
  const { kept } = await keptOf(host.scope, hash)
  const begun = kept?.begun
  const standing = kept?.standing ?? (await unbegun(host, file, plan))
  const outcomes = new Map<string, { readonly outcome: string; readonly medium?: Medium; people: number }>()
  const count = (outcome: string, medium?: Medium, people = 1): void => {
    const id = `${outcome} ${medium ?? ''}`
    const one = outcomes.get(id) ?? { outcome, ...(medium !== undefined && { medium }), people: 0 }
    outcomes.set(id, one)
    one.people += people
  }
  const summary = { sent: 0, failed: 0, waiting: 0, excluded: excludedBy(footer.summary), cancelled: 0, erased: 0 }
  const cost = sum()
  let [optOuts, writtenActed, done] = [0, 0, 0]
  for await (const one of fates({ ...host, file, plan }, signal)) {
    const { line, fate, message } = one
    summary[fate]++
    if (fate === 'sent' || (message?.state === 'undelivered' && message.providerId !== undefined)) cost.add(line.cost)
    const medium = host.prm.adapters[line.via]?.channel?.medium
    count(outcomeOf(one), medium)
    if (message && begun !== undefined && (await optedOut(host.scope, line.to, begun))) optOuts++
    if (acted?.has(line.id)) writtenActed++
    progress.at(++done, footer.summary.included)
  }
  progress.end(done, footer.summary.included)
  for (const why of exclusions)
    if (footer.summary.excluded[why] > 0) count(`excluded: ${why}`, undefined, footer.summary.excluded[why])
  if (footer.summary.bad > 0) count('bad row', undefined, footer.summary.bad)
  const heldOut = acted ? await heldOutOf(file, acted, signal) : undefined
  const effect = acted
    ? effectOf({ acted: writtenActed, people: footer.summary.included }, heldOut)
    : ({ measured: false, says: 'No effect measured: nobody said who acted.' } as const)
  const { worth, optOutCosts } = options
  const run = summaryOf(summary, cost.costs())
  const lost = optOutCosts && costOf({ ...optOutCosts, micros: optOutCosts.micros * optOuts })
  const gained =
    worth && effect.measured
      ? costOf({ ...worth, micros: Math.round(worth.micros * effect.difference * footer.summary.included) })
      : undefined
  const whole: Omit<Report, 'text'> = {
    id: idOf(hash),
    standing,
    summary: run,
    outcomes: [...outcomes.values()].sort((a, b) => b.people - a.people),
    optOuts: {
      people: optOuts,
      per1000: summary.sent === 0 ? 0 : Math.round((optOuts / summary.sent) * 100_000) / 100,
      ...(lost && { cost: lost }),
    },
    ...(gained && { benefit: gained }),
    effect,
  }
  return { ...whole, text: inWords(whole) }
}

/** Where a plan stands of which no run has begun. */
export async function unbegun({ key }: Sending, file: string, plan: Checked): Promise<'planned' | 'approved'> {
  if (key === undefined) return 'planned'
  try {
    await approvalOf(key, file, plan)
    return 'approved'
  } catch (error) {
    if (PrmError.is(error) && (error.code === 'forbidden' || error.code === 'conflict')) return 'planned'
    throw error
  }
}

/** In a few words: `delivered`, `not sent: consent`. */
export function outcomeOf({ fate, message, against }: Became): string {
  if (fate === 'erased') return 'erased since'
  if (!message) return against === undefined ? 'waiting' : `not sent: ${against}`
  const { state, attempts } = message
  if (state === 'planned' && fate === 'waiting') return fate
  if (state !== 'cancelled') return state
  const [, why] = /^cancelled: ([^:]+)/.exec(attempts.at(-1)?.outcome ?? '') ?? []
  return why === undefined
    ? state
    : why.startsWith('asked to stop')
      ? 'opted out before it went'
      : why === 'stopped'
        ? 'cancelled: the run was stopped'
        : 'not sent: changed since'
}

/** Since it began: also who wrote to a desk, or complained. */
async function optedOut(scope: Scope, to: string, since: string): Promise<boolean> {
  for await (const word of scope.find('consent', { address: addressOf(to) }))
    if (word.state === 'denied' && word.at >= since && word.basis !== 'bounce') return true
  return false
}

async function idsOf({ library }: Sending, { acted, signal }: ReportOptions): Promise<ReadonlySet<string> | undefined> {
  if (!acted) return undefined
  const ids = new Set<string>()
  if (!('read' in acted)) {
    for await (const id of acted as AsyncIterable<string>) ids.add(id)
    return ids
  }
  for await (const { row, bad } of acted.read({ library, ...(signal && { signal }) })) {
    if (bad) throw new PrmError('invalid', `acted: line ${bad.line}: ${bad.why}`, { field: 'acted' })
    ids.add(row.id)
  }
  return ids
}

async function heldOutOf(
  file: string,
  acted: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): Promise<{ readonly acted: number; readonly people: number }> {
  let [did, people] = [0, 0]
  for await (const line of readPlan(file, signal))
    if (line.is === 'excluded' && line.why === 'holdout') {
      people++
      if (acted.has(line.id)) did++
    }
  return { acted: did, people }
}

function inWords({ standing, summary, outcomes, optOuts, benefit, effect }: Omit<Report, 'text'>): string {
  const { sent, failed, waiting, excluded, cancelled = 0, erased = 0, cost } = summary
  const width = Math.max(...outcomes.map(({ people }) => people.toLocaleString('en').length), 1)
  return [
    ...(standing === 'planned' ? ['Not approved: nobody is written to before somebody approves it.'] : []),
    ...(standing === 'approved' ? ['Approved, and not begun.'] : []),
    `${sent.toLocaleString('en')} sent, ${failed.toLocaleString('en')} failed, ${waiting.toLocaleString('en')} waiting, ${excluded.toLocaleString('en')} excluded${cancelled > 0 ? `, ${cancelled.toLocaleString('en')} cancelled` : ''}${erased > 0 ? `, ${erased.toLocaleString('en')} erased since` : ''}${cost.length > 0 ? `; ${cost.map(spokenCost).join(', ')}` : ''}`,
    ...outcomes.map(
      ({ outcome, medium, people }) =>
        `  ${people.toLocaleString('en').padStart(width)}  ${outcome}${medium === undefined ? '' : ` (${medium})`}`,
    ),
    `Opted out since: ${optOuts.people.toLocaleString('en')} of ${sent.toLocaleString('en')} sent, ${optOuts.per1000} in each 1,000${optOuts.cost ? `, which costs ${spokenCost(optOuts.cost)}` : ''}${benefit ? `, beside a benefit of ${spokenCost(benefit)}` : ''}.`,
    effect.says,
  ].join('\n')
}
