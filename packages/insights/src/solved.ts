import { createHash } from 'node:crypto'
import {
  type Adapters,
  type Address,
  type Decision,
  defineEvent,
  type EventType,
  type Interaction,
  type Prm,
  PrmError,
  type Ref,
  refId,
  type Scope,
  type Send,
} from '@prm/core'
import * as z from 'zod/mini'
import { type Cell, hide, threshold } from './cells.ts'
import type { Told } from './pages.ts'
import { sum } from './rate.ts'

/** A theme that staff marked as solved, and what was done. `key` of the fact is made of the theme's name: it is solved once. */
export interface ThemeSolved {
  readonly theme: string
  readonly did: string
}
/** For `events` of `createPrm`: kept as long as somebody may ask whether it helped. */
export const themeSolved: EventType<'theme.solved', ThemeSolved> = defineEvent(
  'theme.solved',
  z.object({ theme: z.string(), did: z.string() }),
  { retention: '730d' },
)

export interface SolvedOptions<U extends string, T extends string> {
  /** Names the theme for ever: `elevator 2026`. Whoever was told of it once is not told again. */
  readonly theme: string
  /** What was done, for colleagues. */
  readonly did: string
  /** The ids behind the theme: `rows[theme.ref]` of `themes`. */
  readonly rows: readonly string[]
  /** A purpose of basis `consent`: only who agreed to it hears back. */
  readonly purpose: U
  /** What they are told. Not what they said: a message may be read by others. */
  readonly content: Send<Adapters, U, T>['content']
  /** No figure tells of fewer people; 5 by default. */
  readonly k?: number
  /** Says who would be told, and stores and sends nothing. */
  readonly dryRun?: boolean
}

export interface SolvedReport {
  readonly k: number
  /** How many said it, as far as anybody knows who they are. */
  readonly raised: Cell
  /** Told now, or as soon as quiet hours and caps allow. */
  readonly told: Cell
  /** Why others are not told, the commonest first. */
  readonly untold: readonly {
    readonly why: Untold
    readonly people: Cell
    readonly text: string
    readonly ref: string
  }[]
  readonly summary: readonly string[]
}
/** `public`: it was said in a post. `unknown`: nobody knows who it was. Else the rule of core that speaks against it. */
export type Untold = 'public' | 'unknown' | (string & {})

/**
 * "You asked, we did": marks a theme as solved, and tells each of those who raised it and agreed to hear back, once, by the
 * way they prefer. Core decides as of any send: a STOP, quiet hours and caps hold. Who said it in a public post is not looked for,
 * and no post is answered by this. Doing it again, at the same time too, tells only those who were not told.
 * Throws `config` for a purpose that needs no consent, and as `sendAll` does.
 */
export async function solved<A extends Adapters, U extends string, T extends string, R extends string>(
  prm: Prm<A, U, T, R>,
  options: SolvedOptions<U, T>,
): Promise<Told<SolvedReport>> {
  const { theme, did, purpose, content, dryRun } = options
  const k = threshold(options.k)
  const { library, store, purposes } = prm.options
  const { basis } = purposes[purpose] || {}
  if (basis !== 'consent')
    throw new PrmError('config', `solved: purpose ${purpose} must be of basis consent: only who agreed hears back.`, {
      field: 'purpose',
    })
  const scope = store.scope(library.id)
  const mark = { source: 'insights', key: `solved ${theme}` }
  if (!dryRun) await prm.record([{ ...mark, type: themeSolved.name, data: { theme, did } }])
  const { people, untold } = await raisedBy(scope, options.rows)
  const sends: Send<A, U, T, R>[] = []
  const told: string[] = []
  for (const { to, facts } of people) {
    const about = facts.map(({ source, key }) => ({ source, key }))
    if (await toldOf(scope, about, mark)) told.push(...facts.map(refId))
    else sends.push({ to, purpose, content, key: keyOf(theme, to), about: [mark, ...about], ...(dryRun && { dryRun }) })
  }
  const groups = new Map<Untold, { people: number; rows: string[] }>(untold)
  let reached = people.length - sends.length
  for await (const { outcome, about } of prm.sendAll(sends)) {
    const rows = about.map(refId).filter((id) => id !== refId(mark))
    if (outcome.send) {
      reached++
      told.push(...rows)
      continue
    }
    const group = groups.get(outcome.rule) ?? { people: 0, rows: [] }
    group.people++
    group.rows.push(...rows)
    groups.set(outcome.rule, group)
  }
  return reportOf(k, { people: reached, rows: told }, groups)
}

interface Group {
  readonly people: number
  readonly rows: readonly string[]
}

interface Raised {
  /** Who can be written to, each once, and what they said. */
  readonly people: readonly { readonly to: string | Address; readonly facts: readonly Interaction[] }[]
  readonly untold: readonly (readonly [Untold, { people: number; rows: string[] }])[]
}

async function raisedBy(scope: Scope, ids: readonly string[]): Promise<Raised> {
  const people = new Map<string, { to: string | Address; facts: Interaction[] }>()
  const authors = new Set<string>()
  const posts: string[] = []
  const unknown: string[] = []
  for (const id of [...new Set(ids)].sort()) {
    const fact = (await scope.get('interaction', id))?.value
    if (fact?.type === 'mention.seen' || fact?.who?.scheme === 'post') {
      authors.add(fact.evidence?.person ?? fact.who?.value ?? id)
      posts.push(id)
      continue
    }
    const to = fact && (await whoSaid(scope, fact))
    if (to === undefined) {
      unknown.push(id)
      continue
    }
    const name = nameOf(to)
    const person = people.get(name) ?? { to, facts: [] }
    person.facts.push(fact as Interaction)
    people.set(name, person)
  }
  return {
    people: [...people.values()],
    untold: [
      ...(posts.length > 0 ? [['public', { people: authors.size, rows: posts }] as const] : []),
      ...(unknown.length > 0 ? [['unknown', { people: unknown.length, rows: unknown }] as const] : []),
    ],
  }
}

/** Their id where it was one patron, or where only one is known at the address now; else the address, which may be a family's. */
async function whoSaid(scope: Scope, { patronId, who }: Interaction): Promise<string | Address | undefined> {
  if (patronId !== undefined || !who) return patronId
  const known: string[] = []
  for await (const { id } of scope.find('patron', { address: who, limit: 2 })) known.push(id)
  const [one, another] = known
  return one !== undefined && another === undefined ? one : who
}

/** Whatever else is known of who is who by now: of these facts somebody was told. */
async function toldOf(scope: Scope, facts: readonly Ref[], mark: Ref): Promise<boolean> {
  const ofMark = ({ outcome, about }: Decision) => outcome.send && about.some((ref) => refId(ref) === refId(mark))
  for (const about of facts) for await (const one of scope.find('decision', { about })) if (ofMark(one)) return true
  return false
}

function nameOf(to: string | Address): string {
  return typeof to === 'string' ? to : [to.scheme, to.realm ?? '', to.value].join(' ')
}
/** A key stands where an address must not. */
function keyOf(theme: string, to: string | Address): string {
  return `solved ${theme} ${createHash('sha256').update(nameOf(to)).digest('hex').slice(0, 32)}`
}

// ── what may be told of it ───────────────────────────────────────────────────────────────────

function reportOf(k: number, told: Group, groups: ReadonlyMap<Untold, Group>): Told<SolvedReport> {
  const others = [...groups].sort(([a, x], [b, y]) => y.people - x.people || (a < b ? -1 : 1))
  const counts = [told.people, ...others.map(([, { people }]) => people)]
  const { cells, total } = hide(counts, k)
  const shown = counts.map((count, at): Cell => (cells[at] ? null : count))
  const rows: Record<string, readonly string[]> = { told: told.rows }
  const untold = others.map(([why, group], at) => {
    const ref = `untold ${why}`
    rows[ref] = group.rows
    const people = shown[at + 1] ?? null
    return { why, people, text: `${people ?? 'a few'}: ${reasons[why] ?? `the rule "${why}" speaks against it`}`, ref }
  })
  const report = {
    k,
    raised: total ? null : sum(counts),
    told: shown[0] ?? null,
    untold,
    summary: [
      counts[0] === 0 ? 'Nobody is told.' : `${shown[0] ?? 'A few'} are told, now or when they may be.`,
      ...(untold.length > 0 ? [`Not told: ${untold.map(({ text }) => text).join('; ')}.`] : []),
    ],
  }
  return { report, rows }
}

const reasons: { readonly [why in Untold]?: string } = {
  public: 'said in public posts, whose authors are not looked for',
  unknown: 'nobody knows whose words they are: searches, visitors without a name, and what was kept for its time',
  consent: 'did not agree to hear back',
  suppressed: 'asked not to be written to',
  address: 'have no address that can be written to',
  channel: 'have no address that can be written to',
  preference: 'can be written to only in a way that they do not wish',
  minor: 'are minors, who are not written to for this',
  block: 'have a card that is blocked',
  category: 'are of a category that is not written to for this',
}
