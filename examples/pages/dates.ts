/** How 03/04/2026 is read. */
export type Order = 'day first' | 'month first'

/** What was found out about the dates of a file. */
export interface Dates {
  readonly order: Order
  /** How that is known, for a person to read. */
  readonly why: string
  /** A day, or a moment in UTC where the hour is told; nothing where it is no date. */
  read(text: string): string | undefined
}

/**
 * Learns from all dates of a file how the ambiguous ones are to be read: by those whose day is above 12; if there is none, by
 * `otherwise`. A file with both kinds is read by what most of them say, and the others as only they can be.
 */
export function datesOf(texts: Iterable<string>, zone: string, otherwise: Order): Dates {
  let [day, month, either] = [0, 0, 0]
  for (const text of texts) {
    const [, a, sign, b] = numeric.exec(text) ?? []
    if (a === undefined || b === undefined || sign === '.') continue
    if (Number(a) > 12) day++
    else if (Number(b) > 12) month++
    else either++
  }
  const order: Order = day === month ? otherwise : day > month ? 'day first' : 'month first'
  const why =
    day + month + either === 0
      ? 'no date is ambiguous'
      : day + month === 0
        ? `no day is above 12, so ${otherwise} was taken; --dates says otherwise`
        : `${Math.max(day, month)} dates can only be read ${order}${day > 0 && month > 0 ? `, ${Math.min(day, month)} only the other way` : ''}`
  const instant = wallClock(zone)
  return { order, why, read: (text) => read(text.trim(), order, instant) }
}

const numeric = /^(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)/
const iso = /^(\d{4})[-/]?(\d{2})[-/]?(\d{2})(?!\d)/
const worded =
  /^(?:\p{L}+,?\s+)?(?:(\p{L}{3})\p{L}*\.?\s+(\d{1,2}),?|(\d{1,2})\.?\s+(?:de\s+)?(\p{L}{3})\p{L}*\.?)\s+(?:de\s+)?(\d{4})/u
const time =
  /(?:^|[T\s,])(\d{1,2})[:h.](\d{2})(?:[:.](\d{2})(?:\.\d+)?)?\s*([ap])?\.?(?:m\.?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i
/** English, Spanish, French and German, by their first three letters without accents. */
const months = [
  'jan ene',
  'feb fev',
  'mar',
  'apr abr avr',
  'may mai',
  'jun jui',
  'jul',
  'aug ago aou',
  'sep',
  'oct okt',
  'nov',
  'dec dic dez',
]

function read(text: string, order: Order, instant: (wall: string) => string): string | undefined {
  const found = dayIn(text, order)
  if (!found) return undefined
  const { day, rest } = found
  if (rest.trim() === '') return day
  const [, hour, minute, second = '00', half, offset] = time.exec(rest) ?? []
  if (hour === undefined || minute === undefined) return undefined
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (half.toLowerCase() === 'p' ? 12 : 0)
  if (hours > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  const wall = `${day}T${`${hours}`.padStart(2, '0')}:${minute}:${second}.000`
  return offset === undefined ? instant(wall) : new Date(`${wall}${offset}`).toISOString()
}

function dayIn(text: string, order: Order): { readonly day: string; readonly rest: string } | undefined {
  const [isoAll, y, m, d] = iso.exec(text) ?? []
  if (isoAll) return dayOf(Number(y), Number(m), Number(d), text.slice(isoAll.length))
  const [numericAll, a, sign, b, year] = numeric.exec(text) ?? []
  if (numericAll) {
    const full = Number(year) + (year?.length === 2 ? 2_000 : 0)
    const dayFirst = sign === '.' || Number(a) > 12 || (order === 'day first' && Number(b) <= 12)
    const [day, month] = dayFirst ? [Number(a), Number(b)] : [Number(b), Number(a)]
    return dayOf(full, month, day, text.slice(numericAll.length))
  }
  const [wordedAll, before, after, first, name, written] = worded.exec(text) ?? []
  if (!wordedAll) return undefined
  const word = (before ?? name ?? '').normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
  const juillet = word === 'jui' && /juil/i.test(text) ? 1 : 0
  const month = months.findIndex((names) => names.split(' ').includes(word)) + 1 + juillet
  return dayOf(Number(written), month, Number(after ?? first), text.slice(wordedAll.length))
}

function dayOf(year: number, month: number, day: number, rest: string): { day: string; rest: string } | undefined {
  const at = new Date(Date.UTC(year, month - 1, day))
  return at.getUTCMonth() === month - 1 && at.getUTCDate() === day
    ? { day: at.toISOString().slice(0, 10), rest }
    : undefined
}

/** The moment at which a clock there shows this; of an hour that comes twice the first, of one that is left out the next. */
function wallClock(timeZone: string): (wall: string) => string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  const shown = (at: number) => Date.parse(`${format.format(at).replace(' ', 'T')}.000Z`)
  return (wall) => {
    const target = Date.parse(`${wall}Z`)
    const guesses = [target - 86_400_000, target + 86_400_000].map((near) => target - (shown(near) - near))
    const right = guesses.filter((at) => shown(at) === target)
    return new Date(right.length > 0 ? Math.min(...right) : Math.max(...guesses)).toISOString()
  }
}
