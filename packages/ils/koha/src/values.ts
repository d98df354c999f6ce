import type { Instant, Known, LocalDate, Money } from '@prm/core/adapter'
import type { Wire } from '@prm/kit'
import * as z from 'zod/mini'

/**
 * What Koha says, loosely: ids are numbers or strings by release, flags are booleans or 0 and 1, any field may be null or,
 * in another release, be absent or have another name. A patron's row is every field, since what is written back must not lose one.
 */
export type Row = { readonly [field: string]: unknown }

export const wireRow = (...ids: readonly string[]): Wire<Row> =>
  z.looseObject(Object.fromEntries(ids.map((id) => [id, z.union([z.string(), z.number()])])))

/** The text of a field, trimmed, of the first of these that has one; ids are texts here. */
export function textOf(row: Row | undefined, ...fields: readonly string[]): string | undefined {
  for (const field of fields) {
    const value = row?.[field]
    const said = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : ''
    if (said !== '') return said
  }
  return undefined
}

export const idIn = (row: Row, field: string): string => textOf(row, field) ?? ''

export function flagOf(row: Row, field: string): boolean {
  const value = row[field]
  return value === true || value === 1 || value === '1'
}

/** What is embedded, where it is. */
export function rowOf(row: Row | undefined, field: string): Row | undefined {
  const value = row?.[field]
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Row) : undefined
}

export function rowsOf(row: Row | undefined, field: string): readonly Row[] {
  const value = row?.[field]
  return Array.isArray(value) ? value : []
}

// ── what is known ────────────────────────────────────────────────────────────────────────────
export const unavailable = (reason: string): { readonly is: 'unavailable'; readonly reason: string } => {
  return { is: 'unavailable', reason }
}

/** A field that is null or empty is known to be empty; one that this release does not have is not known. */
export function known(row: Row, field: string): Known<string> {
  if (row[field] === undefined) return unavailable('This Koha does not tell it.')
  const value = textOf(row, field)
  return value === undefined ? { is: 'empty' } : { is: 'value', value }
}

// ── money ────────────────────────────────────────────────────────────────────────────────────
/** Koha's decimals (`12.5`, `"12.500000"`, `0.1`) in minor units, rounded once, by their digits and not as a float. */
export function moneyOf(value: unknown, currency: string): Money {
  const { maximumFractionDigits: digits = 2 } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions()
  const written = /^-?\d+(\.\d+)?$/.test(String(value)) ? String(value) : Number(value ?? 0).toFixed(10)
  const [, sign = '', whole = '0', rest = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(written) ?? []
  const kept = Number(whole + rest.slice(0, digits).padEnd(digits, '0'))
  const minor = kept + (Number(rest[digits] ?? 0) >= 5 ? 1 : 0)
  return { minor: sign && minor !== 0 ? -minor : minor, currency }
}

// ── days and moments ─────────────────────────────────────────────────────────────────────────
/** The day there, of a moment. */
export const dayAt = (moment: Date, zone: string): LocalDate => wallOf(moment, zone).slice(0, 10)

/** `2026-12-09 23:59:00` there. */
const wallOf = (moment: Date, zone: string): string =>
  moment.toLocaleString('sv-SE', { timeZone: zone, hourCycle: 'h23' })

const written = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)[\d:.]*)?\s*(Z|[+-]\d\d:?\d\d)?$/

/**
 * A day where Koha says 23:59 of its own zone, or of the library's: that is how it keeps loans that end with a day. Else the
 * moment. Some releases say no offset: then it is the library's time.
 */
export function dueOf(text: string, zone: string): LocalDate | Instant {
  const [, day = text, time, offset] = written.exec(text) ?? []
  if (time === undefined || (time === '23:59' && offset !== 'Z')) return day
  if (offset === undefined) return new Date(atWall(`${day}T${time}:00Z`, zone)).toISOString()
  const moment = new Date(text.replace(' ', 'T').replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
  const wall = wallOf(moment, zone)
  return wall.slice(11, 16) === '23:59' ? wall.slice(0, 10) : moment.toISOString()
}

/** The moment at which clocks there show this, given as if it were UTC; twice, since an offset may change in between. */
function atWall(wall: string, zone: string): number {
  const wanted = Date.parse(wall)
  let moment = wanted
  for (let n = 0; n < 2; n++) moment += wanted - Date.parse(`${wallOf(new Date(moment), zone).replace(' ', 'T')}Z`)
  return moment
}
