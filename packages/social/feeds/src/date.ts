import type { Instant, LocalDate } from '@prm/core/adapter'
import { dayOf, readDate } from '@prm/kit-pages'

/** RFC 822, 5.1, and what feeds write instead. */
const zones: { readonly [name: string]: string } = {
  UT: 'Z',
  GMT: 'Z',
  EST: '-0500',
  EDT: '-0400',
  CST: '-0600',
  CDT: '-0500',
  MST: '-0700',
  MDT: '-0600',
  PST: '-0800',
  PDT: '-0700',
  CET: '+0100',
  CEST: '+0200',
  BST: '+0100',
}

/** When a feed says that it was: a day where it names no zone, nothing where it is no date or can be read in two ways. */
export function dateOf(text: string | undefined): Instant | LocalDate | undefined {
  const plain = (text ?? '').trim()
  if (/^\d{10}(\d{3})?$/.test(plain)) return new Date(Number(plain.padEnd(13, '0'))).toISOString()
  const zoned = plain
    .replace(/\s*\b([A-Z]{2,4})$/, (all, name: string) => zones[name] ?? all)
    .replace(/^(\p{L}+,\s+)?(\d{1,2}\s+\p{L}{3}\s+)(\d{2})(?=\s)/u, '$1$220$3')
  const written = readDate(zoned)
  if (!written) return undefined
  const { 'month first': month, 'day first': day } = written.walls
  if (month !== undefined && day !== undefined && month !== day) return undefined
  const wall = month ?? day
  if (wall === undefined) return undefined
  return written.timed && written.utc ? new Date(wall).toISOString() : dayOf(wall)
}
