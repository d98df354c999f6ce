import { createHash } from 'node:crypto'
import type {
  Address,
  Context,
  EventType,
  Interaction,
  LocalDate,
  Notice,
  NoticeItem,
  PatronUpdate,
} from '@prm/core/adapter'
import { defineEvent, notice } from '@prm/core/adapter'
import { type Phone, phone } from '@prm/kit'
import * as z from 'zod/mini'
import { hashOf } from './columns.ts'
import type { ContactRow, NoticeFilesConfig, NoticeRow, Place, ReportRow } from './config.ts'
import type { ContactReading, NoticeReading, ReportReading } from './layout.ts'

/** A vendor says that a number may or can no longer be texted: its `who`. A flow makes consent of it, or a task. */
export interface NumberReported {
  readonly state: 'opted-out' | 'invalid'
}
export const numberReported: EventType<'number.reported', NumberReported> = defineEvent(
  'number.reported',
  z.object({ state: z.enum(['opted-out', 'invalid']) }),
)

/** What one row gives: the row as the host sees it, and what core stores. */
export interface Told {
  readonly row: NoticeRow | ContactRow | ReportRow
  readonly fact?: Interaction<'notice', Notice> | Interaction<'number.reported', NumberReported>
  readonly person?: PatronUpdate
}

/** Turns readings into facts and people, for one pull: it knows the patron lists that were read in it. */
export interface Teller {
  /** Numbers that stand in both lists, as `numberOf` names them: known before the first list row is told. */
  readonly both: Set<string>
  numberOf(contact: ContactReading): string
  notice(reading: NoticeReading, place: Place, byList: boolean): Told
  contact(reading: ContactReading, place: Place, list: 'text' | 'voice'): Told
  /** `told`: as a fact, of that day if one is known. */
  report(reading: ReportReading, place: Place, told: boolean): Told
}

interface Contact {
  readonly phone: string | null
  readonly medium: 'sms' | 'voice'
  readonly written: string
}

export function teller(config: NoticeFilesConfig, ctx: Pick<Context, 'id'>): Teller {
  const realm = config.realm ?? ctx.id
  const dial = kept((text) => phone(text, config.region))
  const localeOf = kept(canonical)
  const both = new Set<string>()
  const contacts = new Map<string, Contact>()
  let textListRead = false

  const cardAt = (value: string): Address => ({ scheme: 'ils', realm: `${realm}/card`, value })
  const numberOf = ({ phone }: ContactReading) => dial(phone).e164 ?? phone.replace(/\D/g, '')
  const asked = (medium: 'sms' | 'voice') => (medium === 'voice' ? (config.voiceAs ?? 'voice') : medium)

  return {
    both,
    numberOf,

    notice(said, place, byList) {
      const medium = said.medium && asked(said.medium)
      const reading: NoticeReading = { ...said, medium, language: localeOf(said.language ?? '') }
      const { card, record = '' } = reading
      const at = card ? cardAt(card) : { scheme: 'ils', realm: `${realm}/patron`, value: record }
      const contact = byList && card ? contacts.get(card) : undefined
      const number = reading.patron && dial(reading.patron.phone)
      const key = keyOf(reading)
      const row: NoticeRow = {
        is: 'notice',
        ...place,
        kind: reading.kind,
        ...(reading.level !== undefined && { level: reading.level }),
        medium: medium ?? contact?.medium ?? null,
        phone: number?.e164 ?? contact?.phone ?? null,
        ...(number?.why && { phoneProblem: number.why }),
        card,
        ...dated(reading.kind, reading.date),
        key,
      }
      const fact: Interaction<'notice', Notice> = {
        key,
        type: notice.name,
        source: ctx.id,
        ...(reading.at && { at: reading.at }),
        who: at,
        ...(reading.branch && { branch: reading.branch }),
        ...(reading.origin && { origin: reading.origin }),
        data: dataOf(reading, realm),
      }
      if (number) return { row, fact, person: personOf(reading, at, number) }
      // The text list is the preference: whoever left it is not to be texted at the number of an earlier day.
      return byList && card && textListRead && !contact ? { row, fact, person: { at, also: [] } } : { row, fact }
    },

    contact(reading, place, list) {
      const { card, phone: written } = reading
      const number = dial(written)
      const contact: Contact = { phone: number.e164 ?? null, medium: asked(list === 'text' ? 'sms' : 'voice'), written }
      textListRead ||= list === 'text'
      const earlier = contacts.get(card)
      const second = earlier !== undefined && (earlier.written !== written || earlier.medium !== contact.medium)
      if (!earlier) contacts.set(card, contact)
      const shared = both.has(numberOf(reading))
      const locale = localeOf(reading.language ?? '')
      const row: ContactRow = {
        is: 'contact',
        ...place,
        card,
        phone: contact.phone,
        ...(number.why && { phoneProblem: number.why }),
        medium: contact.medium,
        ...(locale && { language: locale }),
        ...((second || shared) && { conflict: true }),
      }
      // A card's first row stands, and the text list is read first.
      if (second) return { row }
      const media = shared ? [...new Set(['sms', asked('voice')])] : [contact.medium]
      const also = telOf(written, number)
      return { row, person: { at: cardAt(card), also, ...(locale && { locale }), preferences: { '*': media } } }
    },

    report({ about, phone, card, what, count, day }, place, told) {
      const number = phone === undefined ? undefined : dial(phone)
      const row: ReportRow = {
        is: 'report',
        ...place,
        about,
        ...(number && { phone: number.e164 ?? null }),
        ...(number?.why && { phoneProblem: number.why }),
        ...(card && { card }),
        ...(what && { what }),
        ...(count !== undefined && { count }),
        ...(day && { day }),
      }
      if (!told || !number?.e164 || !(about === 'opted-out' || about === 'invalid')) return { row }
      const key = [about, hashOf(number.e164), ...(day ? [day] : [])].join(' ')
      const who: Address = { scheme: 'tel', value: number.e164 }
      const fact = { key, type: numberReported.name, source: ctx.id, who, data: { state: about } } as const
      return { row, fact: day ? { ...fact, at: day } : fact }
    },
  }
}

/** Kind, the source's ids, the date in the row, the level: never a clock, the run or the file's name. */
function keyOf({ kind, ids, date, level }: NoticeReading): string {
  const parts: string[] = [kind]
  const [only = '', ...others] = ids
  // A card beside an item is who read what, and a key outlives the data: both together become one hash.
  if (others.length > 0) parts.push(createHash('sha256').update(JSON.stringify(ids)).digest('base64url').slice(0, 22))
  else parts.push(/^[!-$&-~]+$/.test(only) ? only : encodeURIComponent(only))
  if (date) parts.push(date)
  if (level !== undefined) parts.push(String(level))
  return parts.join(' ')
}

function dataOf(reading: NoticeReading, realm: string): Notice {
  const { kind, level, date, pickup, medium, language } = reading
  const { id, barcode, title } = reading.item
  const [matter, ...ids] = reading.matter
  const item: NoticeItem = {
    ...(id && { id }),
    ...(barcode && { barcode }),
    ...(title && { title }),
    // What was cancelled has no day to be collected by: the day in such a row is another.
    ...(kind !== 'hold-cancelled' && dated(kind, date)),
  }
  return {
    kind,
    ...(level !== undefined && { level }),
    subjectKey: `${matter}:${realm}:${ids.join('/')}`,
    items: [item],
    ...(pickup && { pickup }),
    ...(medium && { medium }),
    ...(language && { language }),
  }
}

function dated(kind: string, date?: LocalDate): Pick<NoticeRow, 'due' | 'collectBy'> {
  return date === undefined ? {} : kind.startsWith('hold-') ? { collectBy: date } : { due: date }
}

function personOf(reading: NoticeReading, at: Address, number: Phone): PatronUpdate {
  const { patron: { name, phone, email } = { name: '', phone: '', email: '' }, language, branch } = reading
  const mail = email.includes('@') ? [{ scheme: 'mailto', value: email }] : []
  return {
    at,
    also: [...telOf(phone, number), ...mail],
    ...(name && { name }),
    ...(language && { locale: language }),
    ...(branch && { branch }),
  }
}

/** What is no number stays as it was typed, so that core can say what is wrong with it. */
function telOf(written: string, number: Phone): readonly Address[] {
  if (number.e164) return [{ scheme: 'tel', value: number.e164 }]
  return number.why === 'missing' ? [] : [{ scheme: 'tel', value: written }]
}

/** Remembers some answers: a patron's rows stand together, families share a number, and languages are few. */
function kept<T>(answer: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    if (known.has(text)) return known.get(text) as T
    if (known.size >= 128) known.clear()
    const value = answer(text)
    known.set(text, value)
    return value
  }
}

/** `EN`, `eng` and `en` are `en`. */
function canonical(language: string): string | undefined {
  if (language === '') return undefined
  try {
    return Intl.getCanonicalLocales(language)[0]
  } catch {
    return undefined // Not a language tag, such as `qqq1`: then none is known.
  }
}
