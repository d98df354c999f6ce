// In: sends to people who need not be stored. Out: what would be decided. Promise: nothing is stored.
import {
  type Address,
  type Blocker,
  type Channel,
  type Consent,
  type Draft,
  dialable,
  type Medium,
  type Own,
  type Patron,
  type Preview,
  type PreviewRequest,
  PrmError,
  type Purpose,
  sameAddress,
} from '../contract/index.ts'
import { aboutMinor, decide, excludedBy, preferredMedia, refusalOf } from '../decide/index.ts'
import { laidOver, spelled } from '../ingest/index.ts'
import { collect, consentsAt, type Engine, forMany, measured, now, patronsAt, reachable } from '../runtime/index.ts'
import { capsOf, zoneOf } from '../schedule/index.ts'
import { viaOf } from './drafts.ts'
import { regarded, standIn, toldOf, whereabouts } from './recipient.ts'
import { sendersFor, type Turned, take, withSlots } from './sender-schedule.ts'

/** How many are read for at once. */
const page = 100

/** What would be decided, in order; nothing is stored, and turns are taken in a copy of the timetables. */
export async function* foresee(
  engine: Engine,
  asks: AsyncIterable<PreviewRequest> | Iterable<PreviewRequest>,
  takes: (outlook: Preview) => boolean = () => true,
): AsyncGenerator<Preview> {
  const trial: Engine = { ...engine, senders: new Map() }
  const some: PreviewRequest[] = []
  const next = async (): Promise<readonly Gathered[]> => {
    const many = await forMany(trial)
    return Promise.all(some.splice(0).map((ask) => gathered(many, ask)))
  }
  for await (const ask of asks) {
    if (some.push(ask) < page) continue
    for (const one of await next()) yield outlookOf(trial, one, takes)
  }
  for (const one of await next()) yield outlookOf(trial, one, takes)
}

/** All that is read for one. */
interface Gathered {
  readonly ask: PreviewRequest
  readonly purpose: Purpose
  readonly patron: Patron
  readonly known: Preview['known']
  readonly recipient?: Patron
  readonly own: Omit<Own, 'drafts' | 'adapters'>
  readonly ways: readonly {
    readonly id: string
    readonly channel: Channel
    readonly to: readonly Address[]
    /** It is tried in place of media for which no address is known. */
    readonly fallsBack?: true
  }[]
  readonly senders: ReadonlyMap<Draft, Address>
}

async function gathered(engine: Engine, ask: PreviewRequest): Promise<Gathered> {
  const purpose = engine.options.purposes[ask.purpose]
  if (!purpose) {
    const names = Object.keys(engine.options.purposes).join(', ')
    throw new PrmError('invalid', `preview: purpose must be one of ${names}.`, { field: 'purpose' })
  }
  const found = await whoIs(engine, { ...ask, patron: spelled(ask.patron) })
  const { patron, known } = found
  const whose = { now: now(engine), purpose: ask.purpose, patron: regarded(engine, ask.purpose, patron) }
  const { recipient, as, addresses } = await standIn(engine, whose, found)
  const ways = waysOf(engine, ask, purpose, recipient ?? patron, addresses)
  const caps = capsOf(engine.shared, ask.purpose)
  const all = addresses.filter((one) => ways.some(({ to }) => to.includes(one)))
  const told = caps.length > 0 ? await toldOf(engine, caps, (recipient ?? patron).id, addresses) : undefined
  const senders = await sendersOf(engine, ways)
  const consents = (await Promise.all(all.map((address) => saidAt(engine, ask, address)))).flat()
  const own = {
    key: ask.key,
    ...whose,
    ...(recipient && as && { recipient: { ...whereabouts(recipient), as } }),
    addresses,
    consents,
    ...(told && { told }),
    ...(engine.options.allowlist && { allowlist: engine.options.allowlist }),
    ...(ask.notBefore && { notBefore: ask.notBefore }),
    ...(ask.expireAt && { expireAt: ask.expireAt }),
  }
  return { ask, purpose, patron, known, ...(recipient && { recipient }), own, ways, senders }
}

/** Which of several senders an address knows; the timetables of those that have one are read by the first who asks. */
function sendersOf(engine: Engine, ways: Gathered['ways']): Gathered['senders'] | Promise<Gathered['senders']> {
  const rated = (one: NonNullable<Channel['senders']>[number]) =>
    one.perSecond !== undefined || one.perDay !== undefined
  const asks = ways.some(
    ({ channel: { senders = [] } }) => senders.length > 1 || (engine.senders.size === 0 && senders.some(rated)),
  )
  if (!asks) return nobody
  const drafts = ways.flatMap(({ id, to }) => to.map((address): Draft => ({ via: id, to: address, measure: nothing })))
  return sendersFor(engine, drafts)
}

const nobody: Gathered['senders'] = new Map()

/** A list of people makes nobody twice: who is known at an address that it names is whoever is known there. */
async function whoIs(
  engine: Engine,
  { patron: who, adapters }: PreviewRequest,
): Promise<{ readonly patron: Patron; readonly addresses: readonly Address[]; readonly known: Preview['known'] }> {
  const [only, another] = await collect(engine.scope.find('patron', { address: who.at, limit: 2 }))
  const [at] = another ? await patronsAt(engine, who.at) : [only]
  const written = who.also.filter(({ scheme }) =>
    adapters.some((id) => engine.options.adapters[id]?.channel?.schemes.includes(scheme)),
  )
  const there = at ? [] : (await Promise.all(written.map((address) => patronsAt(engine, address)))).flat()
  const [one, two] = new Map(there.map((patron) => [patron.id, patron])).values()
  if (one && !two) return { patron: one, addresses: written, known: 'address' }
  const patron = await laidOver(engine, who, 'host', at)
  if (!one) return { patron, addresses: reachable(patron), known: at ? 'at' : 'new' }
  return { patron: { id: patron.id, identities: patron.identities }, addresses: written, known: 'several' }
}

const nothing = { units: 1, unit: 'part', warnings: [] } as const

/** By the media that a send would try, in that order: both ask the same rule. */
function waysOf(
  engine: Engine,
  { adapters, purpose: name }: PreviewRequest,
  purpose: Purpose,
  patron: Patron,
  addresses: readonly Address[],
): Gathered['ways'] {
  const ways = adapters.flatMap((id) => {
    const channel = engine.options.adapters[id]?.channel
    if (!channel)
      throw new PrmError('invalid', `preview: adapters must be adapters with a channel; "${id}" is none.`, {
        field: 'adapters',
      })
    return [{ id, channel, to: addresses.filter(({ scheme }) => channel.schemes.includes(scheme)) }]
  })
  const { media, rest } = preferredMedia(engine.shared, { purpose: name, adapters: adapters, patron }, purpose)
  const by = (list: readonly Medium[]) => list.flatMap((one) => ways.filter(({ channel }) => channel.medium === one))
  const first = by(media)
  const unreachable = first.length > 0 && !first.some(({ to }) => to.some(dialable))
  return unreachable && purpose.fallback?.includes('no-address')
    ? [...first, ...by(rest).map((way) => ({ ...way, fallsBack: true as const }))]
    : first
}

async function saidAt(engine: Engine, ask: PreviewRequest, address: Address): Promise<Own['consents']> {
  const said = (await consentsAt(engine, address)).map(({ address, purpose, state, basis, at }) => ({
    address,
    purpose,
    state,
    basis,
    at,
  }))
  return ask.agreed ? [{ ...given, address, purpose: ask.purpose }, ...said] : said
}

/** Before all that the store has heard: nobody's refusal is taken back by a list. */
const given: Pick<Consent, 'state' | 'basis' | 'at'> = {
  state: 'granted',
  basis: 'request',
  at: '1970-01-01T00:00:00.000Z',
}

function outlookOf(engine: Engine, gathered: Gathered, takes: (outlook: Preview) => boolean): Preview {
  const { ask, own, ways, known } = gathered
  const about = {
    key: ask.key,
    timeZone: zoneOf(engine.options.library, { patron: gathered.recipient ?? gathered.patron }),
    known,
  }
  const against: Blocker[] = []
  const bar = excludedBy(engine.shared, own)
  if (bar) against.push(bar)
  if (aboutMinor(engine.shared, own) !== 'patron' && !own.recipient)
    against.push({
      rule: 'minor',
      detail: 'A minor: messages of this purpose do not go to minors, and there is no guardian to write to.',
    })
  if (ways.length === 0) against.push({ rule: 'channel', detail: 'They or the purpose name none of these ways.' })
  const barred = against.length > 0
  const refusals: Blocker[] = []
  const open = ways.map((way) => ({ way, to: openAt(engine, gathered, way, refusals) }))
  // Of who is barred anyway a refusal counts only where it is of every way.
  if (!barred || open.every(({ to }) => to.length === 0)) against.push(...refusals)
  for (const { way, to } of barred ? [] : open) {
    const found = to.length > 0 && byWay(engine, gathered, way, to, against)
    if (!found) continue
    const outlook: Preview = { ...about, blockers: against, ...found.outlook }
    if (takes(outlook)) take(engine, found.turn)
    return outlook
  }
  return { ...about, blockers: against, waits: [] }
}

/** The addresses of this way at which nobody refuses. */
function openAt(
  engine: Engine,
  { own, purpose }: Gathered,
  { id: via, channel, to }: Gathered['ways'][number],
  against: Blocker[],
): readonly Address[] {
  if (!to.some(dialable)) against.push({ rule: 'address', via, detail: `No address is known for ${channel.medium}.` })
  return to.filter(dialable).filter((address) => {
    const refusal = refusalOf(own, address, purpose, engine.options.library)
    if (!refusal) return true
    const standing = refusal.bad ? 'bad' : refusal.silent ? 'silent' : 'refused'
    against.push({ rule: refusal.rule, via, detail: refusal.detail, standing })
    return false
  })
}

function byWay(
  engine: Engine,
  { ask, own, patron, recipient, senders }: Gathered,
  { id, channel, fallsBack }: Gathered['ways'][number],
  open: readonly Address[],
  against: Blocker[],
):
  | {
      readonly outlook: Pick<Preview, 'outcome' | 'content' | 'measure' | 'waits' | 'agreed'>
      readonly turn: Turned
    }
  | undefined {
  const told = recipient ?? patron
  const via = viaOf(engine, id, channel, told.locale ?? engine.options.library.locale, told, recipient && patron)
  let content: ReturnType<PreviewRequest['content']>
  try {
    content = ask.content(via)
  } catch (error) {
    against.push({ rule: 'template', via: id, detail: error instanceof Error ? error.message : 'It gave no text.' })
    return undefined
  }
  const drafts = open.map((to): Draft => ({ via: id, to, measure: measured(channel, content, to) }))
  const from = new Map<Draft, Address>()
  for (const [one, sender] of senders)
    for (const draft of drafts) if (one.via === id && sameAddress(one.to, draft.to)) from.set(draft, sender)
  const one = { ...own, adapters: fallsBack ? ask.adapters : [id] }
  const turns = withSlots(engine, one, drafts, from)
  const { outcome, reasons } = decide(engine.shared, { ...one, drafts: turns })
  if (!outcome.send) {
    const rejects = reasons.filter(({ verdict }) => verdict === 'reject')
    against.push(...rejects.map(({ rule, detail }) => ({ rule, via: id, detail })))
    return undefined
  }
  const draft = turns.find(({ to }) => sameAddress(to, outcome.to))
  if (!draft || !('measure' in draft)) return undefined
  const { slot, measure } = draft
  const waits = reasons.filter(({ verdict }) => verdict === 'defer').map(({ rule }) => rule)
  const agreed = own.consents.some(
    ({ address, purpose, state, basis }) =>
      state === 'granted' &&
      (basis === 'request' || basis === 'legal') &&
      covers(engine, ask.purpose, purpose) &&
      sameAddress(address, outcome.to),
  )
  return { outlook: { outcome, content, measure, waits, agreed }, turn: { ...outcome, ...(slot && { slot }) } }
}

function covers({ options }: Engine, purpose: string, what: string): boolean {
  return what === '*' || what === purpose || what === `class:${options.purposes[purpose]?.class}`
}
