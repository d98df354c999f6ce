import type { Cost, Filter, Looked, Plan, RunSummary, State, Stopped } from '@prm/outreach'
import { timeIn } from './clock.ts'

/** What bulk messages say to a person; moments are told in the library's zone. */

export function money(costs: readonly Cost[], none = 'no price is configured'): string {
  const each = costs.map(({ micros, currency }) => {
    const digits =
      new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
    return `${(micros / 1e6).toFixed(digits)} ${currency}`
  })
  return each.length > 0 ? each.join(' + ') : none
}

export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

/** Without its samples, and without who made it. */
export function planInWords(made: Plan, zone: string): readonly string[] {
  const { rows, included, excluded, bad, parts, cost, finish } = made.summary
  const reasons = Object.entries(excluded).filter(([, people]) => people > 0)
  const left = reasons.reduce((sum, [, people]) => sum + people, 0)
  return [
    `${counted(rows, 'row')}: ${included} get it, ${left} do not, ${bad} could not be read.`,
    ...reasons.map(([reason, people]) => `  ${reason}: ${people}`),
    ...made.filtered.map(
      ({ filter, kept, left }) => `  filter ${filterInWords(filter)}: ${kept} kept, ${left} left out`,
    ),
    included === 0
      ? 'Nobody is written to.'
      : `${counted(parts, 'part')}, ${money(cost)}.${finish ? ` The last is handed over at ${timeIn(zone, finish)}, if it begins now.` : ''}`,
    ...made.senders.map(({ via, from, messages, units, perSecond }) => {
      const rate = perSecond === undefined ? '' : ` at ${perSecond}/s`
      return `  ${via}${from ? ` from ${from.replace(/^\w+:/, '')}` : ''}: ${counted(messages, 'message')}, ${counted(units, 'part')}${rate}`
    }),
    ...made.lint.map(({ what }) => `! ${what}.`),
    ...repeatsInWords(made, zone),
  ]
}

function filterInWords(filter: Filter): string {
  if ('age' in filter) return `age ${filter.age.from ?? ''}-${filter.age.to ?? ''}`
  const { field } = filter
  if ('in' in filter) return `${field} is ${filter.in.join(' or ')}`
  if ('notIn' in filter) return `${field} is not ${filter.notIn.join(' or ')}`
  if ('has' in filter) return `${field} lists ${filter.has}`
  return `${field} from ${filter.from ?? 'any day'} until ${filter.until ?? 'any day'}`
}

export function samplesInWords({ samples }: Plan): readonly string[] {
  return samples.map(({ line, via, content }) => `▸ line ${line}, ${via}: ${content.text}`)
}

export function plannerInWords({ by, summary }: Plan, name: string): string {
  return `Planned by ${by} in ${name}, ${summary.hash}.`
}

export function repeatsInWords({ repeats }: Plan, zone: string): readonly string[] {
  return repeats.map(({ id, standing, at, by, people, file }) => {
    const since = `${standing === 'begun' ? 'has begun' : 'was approved'} at ${timeIn(zone, at)}${by === undefined ? '' : `, approved by ${by}`}`
    return `! ${people} of these are in the plan ${id}${file === undefined ? '' : ` (${file})`} too, which ${since}: the same text for the same purpose. approve refuses it without --again "reason".`
  })
}

/** Each bad row that the plan names, how many more there are, and then all by what is wrong. */
export function badInWords({ audience, bad, faults, summary }: Plan): readonly string[] {
  const more = summary.bad - bad.length
  return [
    ...bad.map(({ line, field, why }) => `${audience}:${line}: ${field === undefined ? '' : `${field}: `}${why}`),
    ...(more > 0
      ? [
          `and ${more.toLocaleString('en')} more that could not be read; the plan's file names each. All together:`,
          ...faults.map(faultInWords),
        ]
      : []),
  ]
}

function faultInWords({ field, why, rows, lines }: Plan['faults'][number]): string {
  const others = rows > lines.length ? ` and ${(rows - lines.length).toLocaleString('en')} more` : ''
  const what = field === undefined ? why : `${field}: ${why}`
  return `  ${rows.toLocaleString('en')}: ${what} (line${rows === 1 ? '' : 's'} ${lines.join(', ')}${others})`
}

/** Why a plan is for nobody, and what to do; `asked` is whether the list says of anybody if they agreed. */
export function nobodyInWords(made: Plan, asked: boolean): readonly string[] {
  const { summary, purpose, audience } = made
  const { included, excluded, bad } = summary
  if (included > 0) return []
  const why = [...Object.entries(excluded), ['could not be read', bad] as const]
  const [most, people] = why.reduce((a, b) => (b[1] > a[1] ? b : a))
  const [none] = made.filtered.filter(({ kept, left }) => kept === 0 && left > 0)
  if (none)
    return [`Nobody gets it: of ${counted(none.left, 'row')} a filter keeps none: ${filterInWords(none.filter)}.`]
  if (people === 0) return [`Nobody gets it: no row of ${audience} is meant.`]
  const consent = asked
    ? 'write yes into its column consent where somebody did'
    : `${audience} has no column consent: add it, with yes where somebody did`
  return [
    `Nobody gets it. Most are left out by this: ${most}, ${people.toLocaleString('en')}.`,
    ...(most === 'no-consent' ? [`"${purpose}" goes only to who agreed; ${consent}.`] : []),
  ]
}

/** What comes next, of whoever planned. */
export function nextInWords({ by, summary }: Plan, name: string): readonly string[] {
  const bad =
    summary.bad > 0 ? ['Whoever could not be read gets nothing: mend their rows and plan again, or go on.'] : []
  if (summary.included === 0) return []
  return [
    ...bad,
    `Next: somebody other than ${by} reads it, prm outreach show ${name}, and says yes: prm outreach approve ${name} --by NAME.`,
  ]
}

/** What a plan has for one person, a row after the other; `why` says more of one that was decided. */
export function personInWords(
  { plan, standing, id, rows }: Looked,
  name: string,
  zone: string,
  why: (key: string) => string,
): readonly string[] {
  const { by, at, purpose, audience } = plan
  return [
    `${id} in ${name}, planned by ${by} at ${timeIn(zone, at)} for "${purpose}"; the plan is ${standings[standing]}.`,
    ...rows.flatMap((row) => {
      const line = `Line ${row.line} of ${audience}`
      if (row.is === 'excluded') return [`${line} gets nothing: ${row.why}. ${row.detail}`]
      if (row.is === 'bad')
        return [`${line} gets nothing: it could not be read. ${row.field ? `${row.field}: ` : ''}${row.why}`]
      const { via, medium, to, from, units, cost, content, outcome, key } = row
      const bare = (address: string) => address.replace(/^\w+:/, '')
      const price = cost ? `, ${money([{ ...cost, minor: 0 }])}` : ''
      return [
        `${line}, by ${via} (${medium}) to ${bare(to)}${from ? ` from ${bare(from)}` : ''}, its turn at ${timeIn(zone, row.at)}: ${counted(units, 'part')}${price}.`,
        ...(content.subject === undefined ? [] : [`▸ Subject: ${content.subject}`]),
        `▸ ${content.text}`,
        `Now: ${outcome}.`,
        // What it ends with is said first here.
        ...(key === undefined ? [] : [why(key).replace(/\n {2}Now: .*$/m, '')]),
      ]
    }),
  ]
}

const standings: { readonly [standing in State['standing']]: string } = {
  planned: 'not approved',
  approved: 'approved, and not begun',
  canary: 'at its first few, who are watched,',
  running: 'running',
  paused: 'paused',
  stopped: 'stopped',
  done: 'done',
}

export function stateInWords({ standing, by, why, at }: State, zone: string): string {
  return `It is ${standings[standing]} since ${timeIn(zone, at)}${by ? `, by ${by}` : ''}${why ? `: ${why}` : ''}.`
}

/** Nothing is said of money before anything was sent. */
export function summaryInWords(summary: RunSummary): string {
  const { sent, failed, waiting, excluded, cancelled = 0, erased = 0, cost } = summary
  const stopped = cancelled > 0 ? `, ${cancelled} cancelled by the stop` : ''
  const gone = erased > 0 ? `, ${erased} erased since` : ''
  const spent = sent > 0 || cost.length > 0 ? ` ${money(cost)}.` : ''
  return `${sent} sent, ${failed} failed, ${waiting} waiting, ${excluded} excluded${stopped}${gone}.${spent}`
}

export function stopInWords(state: State | Stopped): readonly string[] {
  if (!('cancelled' in state)) return []
  const { gone, cancelled, underWay, waiting } = state
  const still = underWay > 0 ? `, ${underWay} are under way` : ''
  return [`${gone} had gone${still}; ${cancelled} that were promised are cancelled, and ${waiting} wait for a resume.`]
}
