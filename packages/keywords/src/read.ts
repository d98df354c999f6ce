import { asWords, bareWords, distance, readOptOut, unaccented } from '@prm/kit/optout'
import { follow } from './follow.ts'
import { key, type Named, type Table } from './table.ts'
import { isPlainYes, isYes } from './yes.ts'

export interface ReadOptions {
  readonly table: Table
  /** The patron's language, as far as it is known. Every language is read whatever it says. */
  readonly locale?: string
  /** Something waits for this patron's YES: then YES is `yes`. */
  readonly open?: boolean
  /** This number has stopped: then YES is `start`, where nothing waits for it. With neither it is free text. */
  readonly stopped?: boolean
}

/** What a text asks for; without `how` it is free text, for a person. */
export interface Reading {
  /** `stop`, `start`, `help`, `yes`, or a word of the table; in lower case. */
  readonly word?: string
  /** What it is of: a purpose, or `*` for all. */
  readonly scope?: string
  /** `exact`: the word, courtesies aside. `intent`: a sentence that says so. `fuzzy`: mistyped; ask "did you mean", but for a stop. */
  readonly how?: 'exact' | 'intent' | 'fuzzy'
  /** What followed the word: `2`, `all`, the name of a list that there is not. */
  readonly rest?: string
}

/** What is longer is no keyword. */
const longest = 200

/** Reads one text: YES, then the reserved words and what means the same, then the library's keywords. Never throws. */
export function read(text: string, { table, locale, open, stopped }: ReadOptions): Reading {
  const short = text.length <= longest
  if (short && isYes(text)) return yes(text, open, stopped)
  const optOut = readOptOut(text, { kinds: table.purposes, ...(locale !== undefined && { locale }) })
  if (optOut?.word === 'help') return { word: 'help', how: optOut.how }
  if (optOut) return { word: optOut.word, scope: purposeOf(optOut.scope, table), how: optOut.how }
  if (!short) return {}
  const bare = bareWords(text)
  return keyword(unaccented(asWords(text)), table) ?? keyword(bare, table) ?? suggestion(bare, table) ?? {}
}

/** The library's purpose that is called so. A kind that it does not have counts as everything, as it does in core. */
function purposeOf(kind: string | undefined, { purposes, complete }: Table): string {
  if (kind === undefined) return '*'
  const own = Object.keys(purposes).find((purpose) =>
    [purpose, ...(purposes[purpose] ?? [])].some((name) => key(name) === key(kind)),
  )
  return own ?? (complete && kind !== 'promotional' ? '*' : kind)
}

function yes(text: string, open: boolean | undefined, stopped: boolean | undefined): Reading {
  if (open !== true && stopped === true) return isPlainYes(text) ? { word: 'start', scope: '*', how: 'exact' } : {}
  // The caller who knows neither decides what it confirms.
  return open === false || (open === undefined && stopped === false) ? {} : { word: 'yes', how: 'exact' }
}

/** A name of the table, alone or with what may follow it. */
function keyword(said: string, { names }: Table): Reading | undefined {
  const alone = names.get(key(said))
  if (alone) return { word: alone.word, how: 'exact' }
  for (const { word, name, takes } of names.values()) {
    // "Alle verlängern"
    const all = takes === 'items' && said.endsWith(name) ? follow(takes, said.slice(0, -name.length).trim()) : undefined
    if (all?.rest === 'all') return { word, rest: 'all', how: 'exact' }
    if (!takes || !said.startsWith(name)) continue
    const after = said.slice(name.length)
    // "Renew2", but not "renewal".
    if (!/^(?: |\d)/.test(after) && !/\p{Script=Han}$/u.test(name)) continue
    const { fuzzy, ...rest } = follow(takes, after.trim()) ?? {}
    if (rest.scope !== undefined || rest.rest !== undefined) return { word, ...rest, how: fuzzy ? 'fuzzy' : 'exact' }
  }
  return undefined
}

/** The one word that was meant, where it is plain which: a letter too many, missing or swapped, two in a long word. */
function suggestion(said: string, { names }: Table): Reading | undefined {
  const [first = '', ...others] = said.split(' ')
  const meant = (text: string): readonly Named[] => [...names.values()].filter(({ name }) => near(name, text))
  const whole = only(meant(said))
  if (whole) return { word: whole.word, how: 'fuzzy' }
  const named = only(meant(first))
  const followed = others.length > 0 && named?.takes ? follow(named.takes, others.join(' ')) : undefined
  if (!named || !followed) return undefined
  const { fuzzy: _, ...rest } = followed
  return { word: named.word, ...rest, how: 'fuzzy' }
}

function only(named: readonly Named[]): Named | undefined {
  return new Set(named.map(({ word }) => word)).size === 1 ? named[0] : undefined
}

function near(name: string, said: string): boolean {
  const [a, b] = [name, said].map((text) => text.replaceAll(' ', '')) as [string, string]
  // Of four letters, and in scripts where a letter is a word, another one is another word: fine, fire, find.
  if (a.length < 4 || !/^[a-z]+$/.test(a) || Math.abs(a.length - b.length) > 2) return false
  const apart = distance(a, b)
  if (apart === 1) return a.length !== b.length ? !plural(a, b) : a.length > 5 || swapped(a, b)
  return apart === 2 && a.length >= 8
}

/** "Fine" is no mistyped "fines". */
function plural(a: string, b: string): boolean {
  return `${a}s` === b || `${b}s` === a
}

function swapped(a: string, b: string): boolean {
  return [...a].sort().join('') === [...b].sort().join('')
}
