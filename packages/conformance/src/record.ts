import { createHash } from 'node:crypto'
import { type Json, PrmError } from '@prm/core/adapter'

/** A request and its answer, with everything of persons and secrets replaced. */
export interface Exchange {
  readonly method: string
  /** Path and query, decoded: `/api/v1/patrons q={…}`. */
  readonly path: string
  readonly sent?: string
  readonly status: number
  readonly type: string
  readonly answer: Json
}

export interface Recorder {
  readonly fetch: typeof globalThis.fetch
  /** What was recorded until now. */
  exchanges(): readonly Exchange[]
  /** What stands in a recording for this text: a test asks for it where the recording was made of somebody real. */
  scrub(text: string): string
}

export interface RecorderOptions {
  /** Whom requests ask for: addresses, cards, names. What an answer held is found in later requests by itself. */
  readonly persons: readonly string[]
  /** Whoever has it can try which text became which: a random one for each recording, that nobody keeps. */
  readonly salt: string
  /** Words of the vendor's own in answers, such as states. */
  readonly keep?: readonly string[]
  readonly fetch?: typeof globalThis.fetch
}

/**
 * A `fetch` that records what a vendor's sandbox answered, to be played back in tests. Each text of a JSON answer is replaced
 * by another of the same shape, the same always by the same, and so are numbers of seven digits and more; what stays is days
 * and instants, shorter numbers, the names of fields, and what `keep` names. Headers and hosts are left out.
 */
export function recorder({ persons, salt, keep = [], fetch = globalThis.fetch }: RecorderOptions): Recorder {
  const exchanges: Exchange[] = []
  const kept = new Set(keep)
  const seen = new Map(persons.map((person) => [person, alike(person, salt)]))
  const scrub = (text: string): string => {
    if (kept.has(text) || isTime(text)) return text
    const other = alike(text, salt)
    if (text.length > 3) seen.set(text, other)
    return other
  }
  const clean = (value: Json): Json => {
    if (typeof value === 'string') return scrub(value)
    if (typeof value === 'number') return Math.abs(value) < 1e6 ? value : Number(scrub(String(value)))
    if (Array.isArray(value)) return value.map(clean)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, clean(inner)]))
  }
  /** What asks is mostly the adapter's own words: only what is known to be somebody's is replaced, longer texts first. */
  const asked = (text: string): string => {
    const those = [...seen].filter(([one]) => text.includes(one)).sort(([a], [b]) => b.length - a.length)
    return those.reduce((said, [one, other]) => said.replaceAll(one, other), text)
  }
  return {
    scrub: (text) => seen.get(text) ?? alike(text, salt),
    exchanges: () => exchanges,
    async fetch(input, init) {
      const request = new Request(input, init)
      const sent = request.body && (await request.clone().text())
      const response = await fetch(request)
      const body = await response.clone().text()
      exchanges.push({
        method: request.method,
        path: asked(pathOf(request.url)),
        ...(sent && { sent: asked(sent) }),
        status: response.status,
        type: response.headers.get('content-type')?.split(';')[0] ?? '',
        answer: clean(jsonOf(body)),
      })
      return response
    },
  }
}

/**
 * A `fetch` that answers from a recording: of the exchanges with this method and path the next, and the last again and again.
 * Throws `config` for what was not recorded.
 */
export function replay(exchanges: readonly Exchange[]): typeof globalThis.fetch {
  const times = new Map<string, number>()
  return async (input, init) => {
    const { method, url } = new Request(input, init)
    const path = pathOf(url)
    const those = exchanges.filter((one) => one.method === method && one.path === path)
    const time = times.get(`${method} ${path}`) ?? 0
    times.set(`${method} ${path}`, time + 1)
    const found = those[Math.min(time, those.length - 1)]
    if (!found) throw new PrmError('config', `The recording has no ${method} ${path}. Record it anew.`)
    const body = found.type.includes('json') ? JSON.stringify(found.answer) : String(found.answer)
    return new Response([204, 205, 304].includes(found.status) ? null : body, {
      status: found.status,
      headers: { 'content-type': found.type },
    })
  }
}

/** Decoded, so that what is replaced in it is found. */
function pathOf(url: string): string {
  const { pathname, searchParams } = new URL(url)
  return [decodeURI(pathname), ...[...searchParams].map(([name, value]) => `${name}=${value}`)].join(' ')
}

function jsonOf(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

const isTime = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/.test(text)

/** Of the same shape: letters for letters, digits for digits after the third, and what stands between them. */
function alike(text: string, salt: string): string {
  const bytes = (block: number): Buffer => createHash('sha256').update(`${salt}\n${block}\n${text}`).digest()
  let block = bytes(0)
  return [...text]
    .map((sign, index) => {
      if (index % 32 === 0) block = bytes(index / 32)
      const drawn = block[index % 32] ?? 0
      if (/\p{N}/u.test(sign)) return index < 3 ? sign : String(drawn % 10)
      if (!/\p{L}/u.test(sign)) return sign
      const letter = String.fromCharCode(97 + (drawn % 26))
      return sign === sign.toLowerCase() ? letter : letter.toUpperCase()
    })
    .join('')
}
