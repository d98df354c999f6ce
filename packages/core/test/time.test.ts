import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { instant, milliseconds } from '../src/time/instants.ts'
import { spoken } from '../src/time/spoken.ts'
import { minutes, nextOpen } from '../src/time/windows.ts'
import { atLocal, deadline, endOfDay, zoneExists } from '../src/time/zones.ts'

/** Zones of every habit: half hours, changes at midnight, changes of half an hour, none at all. */
const zones = [
  'America/Chicago',
  'America/Havana',
  'America/Santiago',
  'America/St_Johns',
  'Asia/Beirut',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Europe/London',
  'Africa/Cairo',
  'Africa/Casablanca',
  'Pacific/Auckland',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
  'UTC',
] as const

/** Another way to the wall clock than the one under test: `2026-11-24 16:00`. */
const walls = new Map<string, Intl.DateTimeFormat>()
function wall(ms: number, zone: string): string {
  let format = walls.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' })
    walls.set(zone, format)
  }
  return format.format(ms)
}
const clock = (ms: number, zone: string) => wall(ms, zone).slice(11)
const closed = (ms: number, { span: { from, to }, zone }: Hours) => {
  const now = clock(ms, zone)
  return from <= to ? now >= from && now < to : now >= from || now < to
}
type Hours = Parameters<typeof nextOpen>[1][number]

const minute = 60_000
const start = Date.parse('2026-01-01T00:00:00.000Z')
/** The moments within these years at which the clocks of a zone change. */
const changes = zones.flatMap((zone) => {
  const found: { zone: string; at: number }[] = []
  const offset = (ms: number) => Date.parse(`${wall(ms, zone).replace(' ', 'T')}:00.000Z`) - ms
  for (let at = start; at < start + 730 * 86_400_000; at += 3_600_000)
    if (offset(at) !== offset(at + 3_600_000)) {
      let change = at
      while (offset(change) === offset(at)) change += minute
      found.push({ zone, at: change })
    }
  return found
})

const time = fc
  .integer({ min: 0, max: 24 * 60 - 1 })
  .map((at) => `${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`)
const anywhere = fc.record({
  zone: fc.constantFrom(...zones),
  at: fc.integer({ min: start, max: start + 730 * 86_400_000 }),
})
const nearAChange = fc
  .record({ change: fc.constantFrom(...changes), off: fc.integer({ min: -26 * 3_600_000, max: 4 * 3_600_000 }) })
  .map(({ change, off }) => ({ zone: change.zone, at: change.at + off }))
const moment = fc.oneof(anywhere, nearAChange)

describe('the zones of these tests', () => {
  test('change their clocks in every way that there is', () => {
    expect(changes.some(({ zone }) => zone === 'Australia/Lord_Howe')).toBe(true)
    expect(new Set(changes.map(({ zone }) => zone)).size).toBeGreaterThanOrEqual(10)
  })
})

describe('the next open moment', () => {
  test('is never in the window by the wall clock, never earlier than asked, and none is before it but in an hour that comes twice', () => {
    fc.assert(
      fc.property(moment, time, time, ({ zone, at }, from, to) => {
        const hours = { span: { from, to }, zone }
        const open = nextOpen(at, [hours])
        expect(open).toBeGreaterThanOrEqual(at)
        expect(closed(open, hours)).toBe(false)
        if (open > at) expect(closed(at, hours)).toBe(true)
        // A window that begins in an hour that comes twice is one night, not two with a pause between.
        let last = wall(at, zone)
        for (let ms = Math.ceil((at + 1) / minute) * minute; ms < open; ms += minute) {
          const now = wall(ms, zone)
          if (now < last) continue
          last = now
          if (!closed(ms, hours)) throw new Error(`${instant(ms)} is open already, ${wall(ms, zone)}`)
        }
      }),
      { numRuns: 400 },
    )
  })

  test('is in none of several windows, in zones of their own, and outside the nights of change none is before it', () => {
    const some = fc.array(fc.record({ zone: fc.constantFrom(...zones), from: time, to: time }), {
      minLength: 2,
      maxLength: 3,
    })
    fc.assert(
      fc.property(moment, some, ({ at }, windows) => {
        const quiet = windows.map(({ zone, from, to }) => ({ span: { from, to }, zone }))
        const open = nextOpen(at, quiet)
        const end = Number.isNaN(open) ? at + 2 * 86_400_000 : open
        if (changes.some((change) => change.at > at && change.at <= end)) return
        if (!Number.isNaN(open)) expect(quiet.some((hours) => closed(open, hours))).toBe(false)
        for (let ms = Math.ceil((at + 1) / minute) * minute; ms < end; ms += minute)
          if (!quiet.some((hours) => closed(ms, hours))) throw new Error(`${instant(ms)} is open already`)
      }),
      { numRuns: 100 },
    )
  })

  test.each([
    ['an ordinary night', 'America/Chicago', '2026-11-24T23:30', '21:00', '08:00', '2026-11-25T14:00:00.000Z'],
    ['a window by day', 'America/Chicago', '2026-11-24T12:30', '12:00', '14:00', '2026-11-24T20:00:00.000Z'],
    ['the spring night', 'America/Chicago', '2027-03-13T23:00', '21:00', '08:00', '2027-03-14T13:00:00.000Z'],
    ['the autumn night', 'America/Chicago', '2026-10-31T23:00', '21:00', '08:00', '2026-11-01T14:00:00.000Z'],
    [
      'a window that ends in the gap',
      'America/Chicago',
      '2027-03-14T01:00',
      '21:00',
      '02:30',
      '2027-03-14T08:00:00.000Z',
    ],
    [
      'a window that ends in the fold',
      'America/Chicago',
      '2026-11-01T00:30',
      '21:00',
      '01:30',
      '2026-11-01T06:30:00.000Z',
    ],
    ['half an hour of gap', 'Australia/Lord_Howe', '2026-10-04T01:00', '21:00', '02:15', '2026-10-03T15:30:00.000Z'],
    ['half an hour of fold', 'Australia/Lord_Howe', '2027-04-04T01:00', '21:00', '01:45', '2027-04-03T14:45:00.000Z'],
    ['a gap at midnight', 'America/Havana', '2027-03-13T23:30', '21:00', '00:30', '2027-03-14T05:00:00.000Z'],
    ['a fold after midnight', 'America/Havana', '2026-10-31T23:30', '21:00', '00:30', '2026-11-01T04:30:00.000Z'],
    ['a fold before midnight', 'Asia/Beirut', '2026-10-24T22:30', '21:00', '24:00', '2026-10-24T22:00:00.000Z'],
  ])('of %s is right', (_, zone, local, from, to, open) => {
    const at = atLocal(Date.parse(`${local}:00.000Z`), zone)
    expect(instant(nextOpen(at, [{ span: { from, to }, zone }]))).toBe(open)
  })

  test('in the second pass of a fold is the end of the window in that pass', () => {
    const at = Date.parse('2026-11-01T07:10:00.000Z')
    expect(wall(at, 'America/Chicago')).toBe('2026-11-01 01:10')
    expect(instant(nextOpen(at, [{ span: { from: '21:00', to: '01:30' }, zone: 'America/Chicago' }]))).toBe(
      '2026-11-01T07:30:00.000Z',
    )
  })

  test('is now where there are no quiet hours, or they are empty', () => {
    expect(nextOpen(start, [])).toBe(start)
    for (const at of ['00:00', '08:00', '24:00'])
      expect(nextOpen(start, [{ span: { from: at, to: at }, zone: 'UTC' }])).toBe(start)
  })

  test('does not exist where two windows leave nothing open', () => {
    const quiet = [
      { span: { from: '21:00', to: '08:00' }, zone: 'UTC' },
      { span: { from: '08:00', to: '21:00' }, zone: 'UTC' },
    ]
    expect(nextOpen(start, quiet)).toBeNaN()
  })
})

describe('a local time', () => {
  test('is shown by the wall clock at the instant that is found, or lies in a gap that ends there', () => {
    fc.assert(
      fc.property(moment, ({ zone, at }) => {
        const shown = wall(at, zone)
        const found = atLocal(Date.parse(`${shown.replace(' ', 'T')}:00.000Z`), zone)
        expect(wall(found, zone)).toBe(shown)
        expect(found).toBeLessThanOrEqual(at)
      }),
      { numRuns: 500 },
    )
  })

  test('in a gap is the moment at which the gap ends', () => {
    for (const local of ['2027-03-14T02:00', '2027-03-14T02:30', '2027-03-14T02:59'])
      expect(instant(atLocal(Date.parse(`${local}:00.000Z`), 'America/Chicago'))).toBe('2027-03-14T08:00:00.000Z')
  })

  test('in a fold comes twice: later than the first is the second', () => {
    const local = Date.parse('2026-11-01T01:30:00.000Z')
    const first = atLocal(local, 'America/Chicago')
    expect(instant(first)).toBe('2026-11-01T06:30:00.000Z')
    expect(instant(atLocal(local, 'America/Chicago', first))).toBe('2026-11-01T07:30:00.000Z')
  })
})

describe('a day', () => {
  test('ends at the first moment that the wall clock shows a later one', () => {
    fc.assert(
      fc.property(moment, ({ zone, at }) => {
        const day = wall(at, zone).slice(0, 10)
        const end = endOfDay(day, zone)
        expect(wall(end, zone).slice(0, 10) > day).toBe(true)
        expect(wall(end - 1, zone).slice(0, 10)).toBe(day)
        expect(end).toBeGreaterThan(at - 3_600_000)
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    ['2026-11-24', 'America/Chicago', '2026-11-25T06:00:00.000Z'],
    ['2027-03-14', 'America/Chicago', '2027-03-15T05:00:00.000Z'],
    ['2027-03-13', 'America/Havana', '2027-03-14T05:00:00.000Z'],
    ['2026-10-24', 'Asia/Beirut', '2026-10-24T22:00:00.000Z'],
    ['2026-12-31', 'Pacific/Kiritimati', '2026-12-31T10:00:00.000Z'],
  ])('%s in %s as a deadline lasts until its end', (day, zone, end) => {
    expect(instant(deadline(day, zone))).toBe(end)
  })

  test('given as an instant is that instant in every zone', () => {
    for (const zone of zones)
      expect(deadline('2026-11-24T10:00:00.000Z', zone)).toBe(Date.parse('2026-11-24T10:00:00.000Z'))
  })
})

describe('words for time', () => {
  test.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1.5h', 5_400_000],
    ['90d', 7_776_000_000],
  ] as const)('%s is so many milliseconds', (duration, ms) => {
    expect(milliseconds(duration)).toBe(ms)
  })

  test.each(['', '5', 'soon', '5w', '-5m', '5 m'])('%j is no duration', (duration) => {
    expect(milliseconds(duration as '5m')).toBeNaN()
  })

  test.each([
    ['00:00', 0],
    ['08:30', 510],
    ['24:00', 1_440],
  ])('%s is so many minutes after midnight', (word, after) => {
    expect(minutes(word)).toBe(after)
  })

  test.each(['', '8:00', '24:01', '25:00', '12:60', '9pm', ' 08:00'])('%j is no time of day', (word) => {
    expect(minutes(word)).toBeNaN()
  })

  test('a moment is spoken in the zone of whoever reads it', () => {
    expect(spoken(Date.parse('2026-11-25T14:00:00.000Z'), 'America/Chicago')).toBe('Wed, Nov 25, 08:00')
    expect(spoken(Date.parse('2026-11-25T06:00:00.000Z'), 'America/Chicago')).toBe('Wed, Nov 25, 00:00')
  })

  test('a zone is one that this machine knows', () => {
    expect(zoneExists('America/Chicago')).toBe(true)
    for (const zone of ['America/Springfield', '', 'Chicago time']) expect(zoneExists(zone)).toBe(false)
  })
})
