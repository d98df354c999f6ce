import { hash } from 'node:crypto'
import type { Address, Library, LocalDate, PatronUpdate } from '@prm/core'
import { isZone, phone } from '@prm/kit'
import type { Read, Row } from './types.ts'

/** A column's name as templates and filters write it: `First Name` is `first_name`. */
export function columnOf(header: string): string {
  return header
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '')
}

/** The columns that this library knows; all others are variables. */
export const columns = [
  'id',
  'name',
  'phone',
  'email',
  'language',
  'timezone',
  'branch',
  'category',
  'birthdate',
  'expires',
  'consent',
] as const

const yes: ReadonlySet<string> = new Set(['yes', 'y', 'true', '1', 'granted', 'opt-in', 'opted-in'])
const no: ReadonlySet<string> = new Set([
  ...['no', 'n', 'false', '0', 'denied', 'refused', 'declined', 'stop', 'stopped'],
  ...['opt-out', 'opted-out', 'optout', 'unsubscribe', 'unsubscribed'],
])

export interface Reader {
  /** Of one line; `consent` says whether the list has this column. */
  read(line: number, fields: Readonly<Record<string, string>>, consent: boolean): Read
}

/** Reads lines into rows, and says of each that it cannot: which column, and what was expected. */
export function reader(library: Library, realm: string | undefined): Reader {
  const words = new Map<string, string>()
  const languages = new Map<string, string | undefined>()
  const zones = new Map<string, boolean>()
  const dates = new Map<string, boolean>()
  return {
    read(line, fields, consent) {
      const id = fields.id ?? ''
      const bad = (field: string, why: string): Read => ({ bad: { line, ...(id && { id }), field, why } })
      const word = cached(words, fields.consent ?? '', wordOf)
      // Who says no is believed, whatever else of the row is wrong.
      const refusal = no.has(word) ? { row: refusing(line, id, realm, fields, library) } : undefined
      if (id === '' || id === '0')
        return { ...refusal, ...bad('id', 'There is no id: it names a patron for ever, such as a card number.') }
      if (id.length > 200) return { ...refusal, ...bad('id', 'The id has more than 200 characters.') }
      if (refusal) return refusal
      if (scientific.test(id))
        return bad('id', 'A spreadsheet made a number of the id: format its column as text, and fill it in anew.')
      const also: Address[] = []
      const said: { -readonly [field in keyof PatronUpdate]?: PatronUpdate[field] } = {}
      if (scientific.test(fields.phone ?? ''))
        return bad('phone', 'A spreadsheet made a number of it: format its column as text, and fill it in anew.')
      const number = phoneOf(fields, library)
      if (number.e164 !== undefined) also.push({ scheme: 'tel', value: number.e164 })
      else if (number.why !== 'missing')
        return bad(
          'phone',
          `The phone number is ${number.why.startsWith('n') || number.why.startsWith('t') ? '' : 'one that '}${number.why}: expected one such as +12125550142.`,
        )
      const email = fields.email?.toLowerCase()
      if (email) {
        if (!mailbox.test(email) || email.length > 254)
          return bad('email', 'It is no e-mail address: expected one such as ann@example.org.')
        also.push({ scheme: 'mailto', value: email })
      }
      if (fields.language) {
        const language = cached(languages, fields.language, languageOf)
        if (language === undefined) return bad('language', 'It is no language: expected one such as en or es-MX.')
        said.locale = language
      }
      if (fields.timezone) {
        if (!cached(zones, fields.timezone, isZone))
          return bad('timezone', 'It is no IANA zone: expected one such as America/Chicago.')
        said.timeZone = fields.timezone
      }
      for (const [column, field] of days) {
        const day = fields[column]
        if (day && !cached(dates, day, isDay)) return bad(column, 'It is no day: expected one such as 2011-02-28.')
        if (day) said[field] = day
      }
      if (fields.name) said.name = fields.name
      if (fields.branch) said.branch = fields.branch
      if (fields.category) said.category = fields.category
      if (word !== '' && !yes.has(word))
        return bad('consent', 'It is neither yes nor no: leave it empty where nobody asked.')
      const person: PatronUpdate = { at: named(id, realm, also), also, ...said }
      const row: Row = {
        line,
        id,
        person,
        ...(consent && { consent: yes.has(word) ? 'yes' : 'unknown' }),
        fields,
      }
      return { row }
    },
  }
}

/** An id without a realm names somebody of this list only: with another number it is somebody else, in another list. */
function named(id: string, realm: string | undefined, also: readonly Address[]): Address {
  if (realm !== undefined) return { scheme: 'ils', realm, value: id }
  const mark = hash('sha256', also.map(({ value }) => value).join(' '), 'base64url').slice(0, 8)
  return { scheme: 'ils', realm: 'list/id', value: `${id}~${mark}` }
}

function refusing(line: number, id: string, realm: string | undefined, fields: Row['fields'], library: Library): Row {
  const { e164 } = phoneOf(fields, library)
  const email = fields.email?.toLowerCase()
  const also = [
    ...(e164 === undefined ? [] : [{ scheme: 'tel', value: e164 }]),
    ...(email ? [{ scheme: 'mailto', value: email }] : []),
  ]
  return { line, id, person: { at: named(id, realm, also), also }, consent: 'no', fields }
}

/** A spreadsheet marks a text with `'`, as it would take `+1…` for a formula. */
function phoneOf(fields: Row['fields'], library: Library): ReturnType<typeof phone> {
  return phone(fields.phone?.replace(/^'/, ''), library.region)
}

const days = [
  ['birthdate', 'birthDate'],
  ['expires', 'expires'],
] as const

/** What a spreadsheet makes of a long card number: many are the same then. */
const scientific = /^\d([.,]\d+)?E\+\d+$/i

const mailbox = /^[^\s@"<>(),:;\\[\]]+@[^\s@"<>(),:;\\[\]]+\.[^\s@"<>(),:;\\[\].]+$/

function cached<V>(known: Map<string, V>, text: string, of: (text: string) => V): V {
  const found = known.get(text)
  if (found !== undefined || known.has(text)) return found as V
  const value = of(text)
  if (known.size < 10_000) known.set(text, value)
  return value
}

function wordOf(text: string): string {
  return text.toLowerCase().replace(/[\s_]+/g, '-')
}

const spoken = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' })

function languageOf(text: string): string | undefined {
  try {
    const locale = new Intl.Locale(text.replace('_', '-'))
    // "Spanish" has the shape of a code. Not all codes of three letters have a name here: Mam has none.
    return locale.language.length === 3 || spoken.of(locale.language) !== undefined ? locale.toString() : undefined
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** A day that there is: not 30 February. */
export function isDay(text: string): text is LocalDate {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const ms = Date.parse(`${text}T00:00:00.000Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)
}
