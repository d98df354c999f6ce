import { BlockList } from 'node:net'
import { type Instant, type LocalDate, PrmError } from '@prm/core'
import { isbot } from 'isbot'
import { type Cell, threshold } from './cells.ts'
import { english } from './languages.ts'
import type { Told } from './pages.ts'
import type { Rows, Said } from './quotes.ts'
import { type Rate, roundedRate, share, sum } from './rate.ts'
import { voices } from './respondents.ts'
import { reader } from './tokens.ts'
import { type Reading, topics } from './topics.ts'

/** One search, or a row that stands for several (Matomo's keywords without a result, Primo's zero result searches). */
export interface Search {
  readonly id: string
  readonly text: string
  readonly at?: Instant | LocalDate
  /** How many results it had. Absent: nobody counted. */
  readonly results?: number
  /** How many of them were opened. Absent: nobody counted. */
  readonly clicks?: number
  readonly person?: string
  readonly times?: number
  /** To leave out machines. */
  readonly userAgent?: string
  /** To leave out staff. */
  readonly ip?: string
}

/** A page that answers something: what a gap may be led to. */
export interface Answer {
  readonly id: string
  readonly question: string
  readonly text?: string
}

export interface GapsOptions extends Reading {
  readonly searches: Rows<Search>
  readonly faqs?: Rows<Answer>
  /** Addresses of staff, alone or as a range: `10.0.0.0/8`. Throws `config` on what is none. */
  readonly staff?: readonly string[]
  /** No figure tells of fewer people; 5 by default. */
  readonly k?: number
  /** How many gaps are told; 50 by default. */
  readonly most?: number
}

export interface GapsReport {
  readonly searches: Cell
  /** Of those whose results were counted, how many found nothing. */
  readonly zero: Rate | null
  /** Of those that found something and whose clicks were counted, how many opened nothing. */
  readonly unclicked: Rate | null
  /** Left out. */
  readonly machines: number
  readonly staff: number
  /** What is looked for most in vain first. */
  readonly gaps: readonly Gap[]
  readonly summary: readonly string[]
}
export interface Gap {
  readonly name: string
  /** Searches in vain, of either kind. */
  readonly searches: number
  readonly zero: Cell
  readonly unclicked: Cell
  /** The FAQ that shares most of its rarer words, if one does. */
  readonly faq?: { readonly id: string; readonly question: string; readonly like: number }
  readonly ref: string
  readonly text: string
}

/** What a search and an FAQ must have in common, as the cosine of their words. */
const like = 0.35

/** What people search for and do not find, and which FAQ says it in other words. Machines and staff are left out. */
export async function gaps(options: GapsOptions): Promise<Told<GapsReport>> {
  const { most = 50, languages = [english] } = options
  const k = threshold(options.k)
  const ours = staffOf(options.staff ?? [])
  let [machines, staff] = [0, 0]
  const said: Said[] = []
  const outcomes = new Map<string, Search>()
  for await (const search of options.searches) {
    const { id, text, at, person, times = 1, userAgent, ip } = search
    if (userAgent !== undefined && isbot(userAgent)) machines += times
    else if (ip !== undefined && ours(ip)) staff += times
    else {
      said.push({
        id,
        kind: 'search',
        text,
        times,
        ...(at !== undefined && { at }),
        ...(person !== undefined && { person }),
      })
      outcomes.set(id, search)
    }
  }
  const all = await voices(said)
  const topic = topics(all, k, options)
  const faqs = await indexOf(options.faqs ?? [], reader(languages))
  const rows: Record<string, readonly string[]> = {}
  const outcome = (row: number): Search | undefined => outcomes.get(all.rows[row]?.id ?? '')
  const isZero = (row: number) => outcome(row)?.results === 0
  const isUnclicked = (row: number) => (outcome(row)?.results ?? 0) > 0 && outcome(row)?.clicks === 0
  const count = (some: readonly number[]): number => sum(some.map((row) => all.rows[row]?.times ?? 1))
  /** Whom a cell tells of: each person once, and each of a row that stands for several. */
  const people = (some: readonly number[]): number => {
    const byVoice = Map.groupBy(some, (row) => all.of[row] ?? '')
    return sum([...byVoice.values()].map((own) => Math.max(...own.map((row) => all.rows[row]?.times ?? 1))))
  }
  const cell = (some: readonly number[], beside: readonly number[]): Cell => {
    const exposed = [some, beside].some((one) => people(one) > 0 && people(one) < k)
    return exposed ? null : count(some)
  }

  const every = [...all.rows.keys()]
  const counted = every.filter((row) => outcome(row)?.results !== undefined)
  const clickable = every.filter((row) => (outcome(row)?.results ?? 0) > 0 && outcome(row)?.clicks !== undefined)
  const vain = every.filter((row) => isZero(row) || isUnclicked(row))
  const list = [...Map.groupBy(vain, (row) => topic.of[row] ?? -1)]
    .filter(([one, some]) => one >= 0 && people(some) >= k)
    .map(([one, some]): Gap => {
      const [zero, unclicked] = [some.filter(isZero), some.filter(isUnclicked)]
      const ref = `gaps ${one}`
      rows[ref] = some.map((row) => all.rows[row]?.id ?? '')
      const name = topic.label(some) || 'words of few people'
      const faq = faqs(some.map((row) => all.rows[row]?.text ?? ''))
      const gap = {
        name,
        searches: count(some),
        zero: cell(zero, unclicked),
        unclicked: cell(unclicked, zero),
        ...(faq && { faq }),
        ref,
      }
      return { ...gap, text: sentence(gap) }
    })
    .sort((a, b) => b.searches - a.searches || (a.name < b.name ? -1 : 1))
    .slice(0, most)
  const rate = (some: readonly number[], of: readonly number[]): Rate | null =>
    people(of) < k || (people(some) > 0 && people(some) < k) ? null : roundedRate(share(count(some), count(of)))
  const report = {
    searches: people(every) < k ? null : count(every),
    zero: rate(every.filter(isZero), counted),
    unclicked: rate(every.filter(isUnclicked), clickable),
    machines,
    staff,
    gaps: list,
    summary: [
      list.length === 0 ? 'Nothing was looked for in vain often enough to be shown.' : `${list.length} gaps.`,
      ...list.slice(0, 3).map(({ text }, at) => `${at + 1}. ${text}`),
    ],
  }
  return { report, rows }
}

function staffOf(addresses: readonly string[]): (ip: string) => boolean {
  const list = new BlockList()
  for (const [at, address] of addresses.entries()) {
    const [ip = '', bits] = address.split('/')
    const family = ip.includes(':') ? 'ipv6' : 'ipv4'
    try {
      if (bits === undefined) list.addAddress(ip, family)
      else list.addSubnet(ip, Number(bits), family)
    } catch (cause) {
      const field = `staff[${at}]`
      throw new PrmError('config', `${field}: an address or a range such as 10.0.0.0/8 is expected.`, { field, cause })
    }
  }
  return (ip) => list.check(ip, ip.includes(':') ? 'ipv6' : 'ipv4')
}

type Nearest = (texts: readonly string[]) => Gap['faq']

/** Finds the FAQ that is most like what was searched: the cosine of their words, rarer ones weighing more. */
async function indexOf(faqs: Rows<Answer>, read: ReturnType<typeof reader>): Promise<Nearest> {
  const termsOf = (text: string): readonly string[] => read(text).words.flatMap(({ term }) => (term ? [term] : []))
  const list: { readonly id: string; readonly question: string; readonly terms: ReadonlyMap<string, number> }[] = []
  const inFaqs = new Map<string, number>()
  for await (const { id, question, text = '' } of faqs) {
    const terms = new Map<string, number>()
    for (const term of termsOf(text)) terms.set(term, 0.3)
    for (const term of termsOf(question)) terms.set(term, 1)
    for (const term of terms.keys()) inFaqs.set(term, (inFaqs.get(term) ?? 0) + 1)
    list.push({ id, question, terms })
  }
  list.sort((a, b) => (a.id < b.id ? -1 : 1))
  const rarity = (term: string): number => Math.log(1 + list.length / (inFaqs.get(term) ?? list.length))
  const lengths = list.map(({ terms }) =>
    Math.sqrt(sum([...terms].filter(([, weight]) => weight === 1).map(([term]) => rarity(term) ** 2))),
  )
  return (texts) => {
    const searched = new Map<string, number>()
    for (const text of texts)
      for (const term of new Set(termsOf(text))) searched.set(term, (searched.get(term) ?? 0) + 1 / texts.length)
    const own = Math.sqrt(sum([...searched].map(([term, weight]) => (weight * rarity(term)) ** 2)))
    let best: Gap['faq']
    for (const [at, { id, question, terms }] of list.entries()) {
      const common = sum([...searched].map(([term, weight]) => weight * (terms.get(term) ?? 0) * rarity(term) ** 2))
      const cosine = own === 0 || !lengths[at] ? 0 : Math.round((1_000 * common) / (own * lengths[at])) / 1_000
      if (cosine >= like && cosine > (best?.like ?? 0)) best = { id, question, like: cosine }
    }
    return best
  }
}

function sentence({ name, searches, zero, unclicked, faq }: Omit<Gap, 'text'>): string {
  const parts = [zero !== null && `${zero} found nothing`, unclicked !== null && `${unclicked} opened nothing`].filter(
    Boolean,
  )
  const led = faq ? `An FAQ may answer it: ${faq.question}` : 'No FAQ answers it.'
  return `${name}: ${searches} searches in vain${parts.length > 0 ? ` (${parts.join(', ')})` : ''}. ${led}`
}
