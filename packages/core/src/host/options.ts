// In: the options of a host. Out: the same, checked. Promise: each error names the option and says what it expects.
import {
  type Adapters,
  type Branch,
  type Duration,
  type FrequencyCap,
  type Library,
  type MediaChoice,
  type Options,
  PrmError,
  type Purpose,
  type Span,
} from '../contract/index.ts'
import type { Written } from '../runtime/index.ts'
import { milliseconds, minutes, zoneExists } from '../time/index.ts'

/** Throws `config` naming the first field that is wrong, and what was expected. */
export function checked(options: Options<Adapters, string, string, string>): Written {
  checkShape(options)
  const { library, adapters, publicUrl, concurrency = 1, maxBytesInFlight = 1, retention } = options
  const named = Object.entries(options.purposes)
  const purposes = Object.fromEntries(named.flatMap(([name, purpose]) => (purpose ? [[name, purpose] as const] : [])))
  refuseStrangers('', options, settings)
  refuseStrangers('library.', library, ofLibrary)
  refuseStrangers('library.minors.', library.minors, { below: 1, categories: 1 })
  checkLibrary(library)
  checkPlace('library', library, library.timeZone)
  checkCap('library.frequencyCap', library.frequencyCap, retention)
  for (const [index, branch] of (library.branches ?? []).entries()) {
    const field = `library.branches[${index}]`
    refuseStrangers(`${field}.`, branch, ofBranch)
    checkPlace(field, branch, branch.timeZone ?? library.timeZone)
    for (const id of branch.adapters ?? [])
      if (!adapters[id]?.channel) throw wrong(`${field}.adapters`, `adapters with a channel; "${id}" is none`)
  }
  if (!((library.minors?.below ?? 18) >= 0)) throw wrong('library.minors.below', 'an age in years')
  if (Object.keys(purposes).length === 0) throw wrong('purposes', 'at least one purpose')
  for (const [name, purpose] of Object.entries(purposes)) {
    const { frequencyCap, fallback, failover, media } = purpose
    if (name === '*' || name === 'promotional' || name.startsWith('class:'))
      throw wrong(`purposes.${name}`, 'named otherwise: a consent would take it for more than one purpose')
    refuseStrangers(`purposes.${name}.`, purpose, ofPurpose)
    refuseStrangers(`purposes.${name}.exclude.`, purpose.exclude, { blocks: 1, categories: 1, expired: 1 })
    for (const [field, said] of Object.entries(words)) {
      const word = purpose[field as keyof typeof words]
      if (word === undefined && field !== 'basis' && field !== 'class') continue
      if (!said.includes(String(word))) throw wrong(`purposes.${name}.${field}`, `one of ${said.join(', ')}`)
    }
    const { onlyWhileOpen = false } = purpose
    if (typeof onlyWhileOpen !== 'boolean') throw wrong(`purposes.${name}.onlyWhileOpen`, 'true or false')
    checkPriority(`purposes.${name}.mediaPriority`, purpose.mediaPriority)
    checkCap(`purposes.${name}.frequencyCap`, frequencyCap, retention)
    checkFailover(`purposes.${name}.failover`, failover)
    if (fallback && !media) throw wrong(`purposes.${name}.media`, 'the media to fall back on, best first')
  }
  for (const [id, adapter] of Object.entries(adapters)) {
    if (!/^[a-z][a-z0-9-]*$/i.test(id))
      throw wrong(`adapters.${id}`, 'named with letters, digits and dashes, since the name is part of URLs and keys')
    if (adapter.channel?.senders?.some(({ perSecond = 1, perDay = 1 }) => !(perSecond > 0 && perDay > 0)))
      throw wrong(`adapters.${id}.channel.senders`, 'numbers or mailboxes with rates above 0')
    if (adapter.spec !== 1) throw wrong(`adapters.${id}`, `an adapter of spec 1, not ${String(adapter.spec)}`)
  }
  for (const id of Object.keys(options.pages ?? {}))
    if (Object.hasOwn(adapters, id)) throw wrong(`pages.${id}`, 'named otherwise: an adapter of this name is there')
  if (!Number.isInteger(concurrency) || concurrency < 1) throw wrong('concurrency', 'a whole number, 1 or more')
  if (!Number.isInteger(maxBytesInFlight) || maxBytesInFlight < 1)
    throw wrong('maxBytesInFlight', 'a whole number of bytes, 1 or more')
  if (publicUrl !== undefined && !URL.canParse(publicUrl))
    throw wrong('publicUrl', 'an absolute URL such as https://library.example/prm')
  return { ...options, purposes, unwritten: named.flatMap(([name, purpose]) => (purpose ? [] : [name])) }
}

/** JavaScript hosts have no types, and a host without types deserves the same first error. */
function checkShape(options: Partial<Record<keyof Options<Adapters, string, string, string>, unknown>>): void {
  if (!isRecord(options)) throw wrong('options', 'an object with library, adapters, store and purposes')
  const { library, adapters, store, purposes, pseudonymKey } = options
  if (!isRecord(library)) throw wrong('library', 'an object with id, name, timeZone, locale and region')
  if (!isRecord(adapters)) throw wrong('adapters', 'an object of adapters by name, such as { sms: twilio({ … }) }')
  for (const [id, adapter] of Object.entries(adapters))
    if (!isRecord(adapter)) throw wrong(`adapters.${id}`, `an adapter, not ${String(adapter)}`)
  if (!isRecord(store) || typeof store.scope !== 'function' || typeof store.work !== 'function')
    throw wrong('store', "a store, such as sqlite({ file: 'prm.db' }) of @prm/store-sqlite")
  if (!isRecord(purposes)) throw wrong('purposes', 'an object of purposes by name')
  for (const [name, purpose] of Object.entries(purposes))
    if (purpose !== false && !isRecord(purpose))
      throw wrong(
        `purposes.${name}`,
        'an object with basis and class, or false for a purpose that is not written about',
      )
  if (pseudonymKey !== undefined && !(typeof pseudonymKey === 'string' && pseudonymKey.length >= 16))
    throw wrong('pseudonymKey', 'at least 16 random characters, such as the output of `openssl rand -base64 32`')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function checkLibrary({ id, name, locale, region }: Library): void {
  if (!id) throw wrong('library.id', 'a text that names this library in the store')
  if (!name) throw wrong('library.name', 'the name that patrons know the library by')
  if (!isLocale(locale)) throw wrong('library.locale', 'a BCP 47 language tag such as en or en-US')
  if (!isCountry(region)) throw wrong('library.region', 'a country of ISO 3166 in two capital letters, such as US')
}

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1
  } catch {
    return false
  }
}

const countryNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })

/** `UK` is an alias of `GB` that no numbering plan knows; `ZZ` is the code of an unknown country. */
function isCountry(code: string): boolean {
  if (!/^[A-Z]{2}$/.test(code) || code === 'ZZ' || countryNames.of(code) === undefined) return false
  return Intl.getCanonicalLocales(`und-${code}`)[0] === `und-${code}`
}

function wrong(field: string, expected: string): PrmError {
  return new PrmError('config', `createPrm: ${field} must be ${expected}.`, { field })
}

type Names<T> = { readonly [K in keyof T]-?: 1 }

const settings: Names<Options<Adapters, string, string, string>> = {
  ...{ library: 1, adapters: 1, store: 1, purposes: 1, templates: 1, rechecks: 1, events: 1, pages: 1 },
  ...{ publicUrl: 1, now: 1, retention: 1, pseudonymKey: 1, allowlist: 1, concurrency: 1, log: 1 },
  ...{ maxBytesInFlight: 1 },
}

const ofBoth = { id: 1, name: 1, timeZone: 1, quietHours: 1, openingHours: 1, closedDays: 1 } as const

const ofBranch: Names<Branch> = { ...ofBoth, adapters: 1 }

const ofLibrary: Names<Library> = {
  ...ofBoth,
  locale: 1,
  region: 1,
  frequencyCap: 1,
  minors: 1,
  showTitles: 1,
  branches: 1,
}

const words = {
  basis: ['service', 'consent'],
  class: ['service', 'promotional'],
  quietHours: ['defer', 'ignore'],
  onUnknownOutcome: ['resend', 'task'],
  onRecheckFailure: ['send', 'wait', 'task'],
  minor: ['patron', 'guardian', 'nobody'],
}

const ofPurpose: Names<Purpose> = {
  ...{ basis: 1, class: 1, quietHours: 1, onUnknownOutcome: 1, onRecheckFailure: 1, onlyWhileOpen: 1, minor: 1 },
  ...{ media: 1, mediaPriority: 1, fallback: 1, failover: 1, frequencyCap: 1, exclude: 1 },
}

const mediaChoices: readonly MediaChoice[] = ['notice', 'patron', 'purpose']

function checkPriority(field: string, given: readonly MediaChoice[] | undefined): void {
  if (given === undefined) return
  const right = Array.isArray(given) && given.length > 0 && given.every((one) => mediaChoices.includes(one))
  if (!right || new Set(given).size < given.length) throw wrong(field, `some of ${mediaChoices.join(', ')}, each once`)
}

/** A rule that is misspelt does not hold, and nobody sees it: `quite` texts people at night. */
function refuseStrangers(field: string, given: object | undefined, known: { readonly [name: string]: 1 }): void {
  for (const [name, value] of Object.entries(given ?? {}))
    if (value !== undefined && !Object.hasOwn(known, name))
      throw new PrmError(
        'config',
        `createPrm: ${field}${name} is no setting: there are ${Object.keys(known).join(', ')}.`,
        { field: `${field}${name}` },
      )
}

function checkPlace(
  field: string,
  { quietHours, openingHours = {}, closedDays = [] }: Library | Branch,
  zone: string,
): void {
  if (!zone || !zoneExists(zone)) throw wrong(`${field}.timeZone`, 'an IANA zone such as America/Chicago')
  if (quietHours && (!isSpan(quietHours) || (quietHours.from === '00:00' && quietHours.to === '24:00')))
    throw wrong(`${field}.quietHours`, 'two times of day such as { from: "21:00", to: "08:00" }, and not the whole day')
  for (const [day, spans] of Object.entries(openingHours)) {
    const right = /^(mon|tue|wed|thu|fri|sat|sun)$/.test(day) && spans?.every((span) => isSpan(span) && opens(span))
    if (!right)
      throw wrong(`${field}.openingHours.${day}`, 'of a day "mon" to "sun" the spans that begin and end on it')
  }
  if (!closedDays.every((day) => /^\d{4}-\d{2}-\d{2}$/.test(day)))
    throw wrong(`${field}.closedDays`, 'days such as 2026-12-25')
}

function isSpan({ from, to }: Span): boolean {
  return !Number.isNaN(minutes(from)) && !Number.isNaN(minutes(to))
}

function opens({ from, to }: Span): boolean {
  return minutes(from) < minutes(to)
}

function checkFailover(field: string, { after = '5m', perDay }: Partial<NonNullable<Purpose['failover']>> = {}): void {
  if (!(milliseconds(after) >= 0)) throw wrong(`${field}.after`, 'a duration such as 5m')
  if (perDay && !(Number.isSafeInteger(perDay.micros) && perDay.micros >= 0 && /^[A-Z]{3}$/.test(perDay.currency)))
    throw wrong(`${field}.perDay`, 'millionths of a currency, such as { micros: 5_000_000, currency: "USD" }')
}

function checkCap(field: string, cap: FrequencyCap | undefined, retention: Duration = '90d'): void {
  const ms = cap ? milliseconds(cap.per) : 1
  if (cap && !(Number.isInteger(cap.max) && cap.max > 0 && ms > 0 && ms <= milliseconds(retention)))
    throw wrong(
      field,
      `a number of messages in a time, such as { max: 3, per: "7d" }, no longer than the ${retention} they are kept`,
    )
}
