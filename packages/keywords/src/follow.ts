import { asWords, distance, unaccented } from '@prm/kit/optout'

/** Purposes, with what patrons call them beside their own name. */
export interface Purposes {
  readonly [purpose: string]: readonly string[]
}

/**
 * What may follow a keyword. `items`: numbers, or all ("RENEW 2"). `purpose`: any one word ("JOIN TEENS"). Purposes with the
 * names that patrons know them by: those; another one word is handed back as `rest`, for an answer that lists them.
 */
export type Follows = 'items' | 'purpose' | Purposes

export interface Followed {
  readonly scope?: string
  readonly rest?: string
  readonly fuzzy?: true
}

/** What the words after a keyword say; nothing where they are no such thing, and the text is a sentence. */
export function follow(takes: Follows, rest: string): Followed | undefined {
  if (takes === 'items') return items(rest)
  const one = /^[\p{L}\p{N}\p{M}]+$/u.test(rest) && !small.test(rest)
  if (takes === 'purpose') return one ? { scope: rest } : undefined
  for (const near of [false, true]) {
    const purpose = Object.keys(takes).find((id) => [id, ...(takes[id] ?? [])].some((name) => same(name, rest, near)))
    if (purpose !== undefined) return { scope: purpose, ...(near && { fuzzy: true }) }
  }
  return one ? { rest } : undefined
}

function items(rest: string): Followed | undefined {
  if (every.test(rest)) return { rest: 'all' }
  const numbers = rest.replace(between, ' ').replace(/ +/g, ' ').trim()
  return /^\d{1,14}(?: \d{1,14})*$/.test(numbers) ? { rest: numbers } : undefined
}

// A number of the list that we sent, or a barcode; the words of our six languages around it.
const between = /(?<!\p{L})(?:and|item|items|number|no|nr|numero|y|et|und|va|和|第|号|本)(?!\p{L})/gu
const every = /^(?:all|everything|(?:all )?(?:my )?(?:books|items)|todo|todos|tout|tous|alle|alles|全部|tat ca)$/
/** "Join us", "leave it": a sentence begins so. */
const small = /^(?:us|me|you|him|them|it|in|on|up|now|here|today|the|a|an|early|late)$/

function same(name: string, said: string, near: boolean): boolean {
  const [a, b] = [name, said].map((text) => unaccented(asWords(text)).replaceAll(' ', '')) as [string, string]
  return near ? a.length > 3 && distance(a, b) === 1 : a === b
}
