import type { Library, OpeningTimes, Purpose } from '@prm/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { earliestAllowed } from '../packages/core/src/schedule/allowed-time.ts'
import { instant } from '../packages/core/src/time/instants.ts'
import { nextOpening } from '../packages/core/src/time/windows.ts'
import { card, hold, library, person, phone } from './fake.ts'
import { type Town, town } from './town.ts'

const open = { pickup: { onlyWhileOpen: true } } as const
const workdays = { from: '10:00', to: '18:00' }
const week = { mon: [workdays], tue: [workdays], wed: [workdays], thu: [workdays], fri: [workdays] }
const evening = '2026-11-25T00:30:00.000Z' // Tuesday, 18:30 in Springfield

async function decided(host: Town, key = 'a', more: object = {}) {
  const decision = await host.send(key, more)
  expect(await host.replayed(decision)).toEqual({ outcome: decision.outcome, reasons: decision.reasons })
  return decision
}

describe('a purpose that goes only while the library is open', () => {
  test('waits for the next opening, says so, and goes then', async () => {
    const host = town({ at: evening, library: { openingHours: week }, purposes: open })
    const { outcome, reasons } = await decided(host)
    expect(outcome).toMatchObject({ notBefore: '2026-11-25T16:00:00.000Z' })
    expect(reasons.slice(-1)).toEqual([
      { rule: 'hours', verdict: 'defer', detail: 'Closed: it waits until Wed, Nov 25, 10:00.' },
    ])
    await host.advance('15h')
    expect(host.told()).toEqual([])
    await host.advance('30m')
    expect(host.told()).toHaveLength(1)
  })

  test('goes at once while it is open, and other purposes at any time', async () => {
    const host = town({ at: '2026-11-24T16:00:00.000Z', library: { openingHours: week }, purposes: open })
    expect((await decided(host)).outcome).toMatchObject({ notBefore: '2026-11-24T16:00:00.000Z' })
    host.clock.ms = Date.parse(evening)
    expect((await decided(host, 'b', { purpose: 'news' })).outcome).toMatchObject({ notBefore: evening })
  })

  test('goes by the branch of the notice, in its zone; else by the home branch; else by the library', async () => {
    const branches = [
      {
        id: 'West',
        name: 'West',
        timeZone: 'America/Los_Angeles',
        openingHours: { wed: [{ from: '09:00', to: '12:00' }] },
      },
      { id: 'East', name: 'East', closedDays: ['2026-11-25'] },
    ]
    const host = town({
      at: evening,
      library: { openingHours: week, branches, closedDays: ['2026-11-26'] },
      purposes: open,
    })
    await host.meet(
      person('c1', phone, { branch: 'East' }),
      person('c2', phone, { branch: 'West' }),
      person('c3', phone),
    )
    await host.prm.record([hold(1, 'c1', { branch: 'West' })])
    const when = async (key: string, more: object) => {
      const { outcome } = await decided(host, key, more)
      return outcome.send && outcome.notBefore
    }
    expect(await when('1', { to: card('c1'), about: [hold(1, 'c1')] })).toBe('2026-11-25T17:00:00.000Z')
    expect(await when('2', { to: card('c1') })).toBe('2026-11-27T16:00:00.000Z')
    expect(await when('3', { to: card('c2') })).toBe('2026-11-25T17:00:00.000Z')
    expect(await when('4', { to: card('c3') })).toBe('2026-11-25T16:00:00.000Z')
  })

  test('waits through a closure of weeks, over a break at noon, and for quiet hours too', async () => {
    const closed = Array.from({ length: 40 }, (_, day) =>
      instant(Date.parse('2026-11-25') + day * 86_400_000).slice(0, 10),
    )
    const hours = {
      mon: [
        { from: '14:00', to: '16:00' },
        { from: '06:00', to: '12:00' },
      ],
    }
    const host = town({ at: evening, library: { openingHours: hours, closedDays: closed }, purposes: open })
    expect((await decided(host)).outcome).toMatchObject({ notBefore: '2027-01-04T14:00:00.000Z' })
    host.clock.ms = Date.parse('2027-01-04T18:30:00.000Z') // Monday, half past twelve
    expect((await decided(host, 'b')).outcome).toMatchObject({ notBefore: '2027-01-04T20:00:00.000Z' })
  })

  test.each<[string, Partial<Library>]>([
    ['is open on no day', { openingHours: {} }],
    ['is open only in quiet hours', { openingHours: { mon: [{ from: '22:00', to: '23:00' }] } }],
  ])('that %s is decided against', async (_, more) => {
    const host = town({ library: more, purposes: open })
    expect((await decided(host)).outcome).toEqual({ send: false, rule: 'hours' })
  })

  test('whose library closed meanwhile waits at release', async () => {
    const before = town({ library: { openingHours: week }, purposes: open, at: evening })
    await before.send('a')
    const { store, clock } = before
    const after = town({ library: { openingHours: week, closedDays: ['2026-11-25'] }, purposes: open, store, clock })
    await after.advance('20h')
    expect(after.told()).toEqual([])
    expect((await after.prm.explain('a')).text).toMatch(/Now: planned, until Thu, Nov 26, 10:00\.$/)
    await after.advance('24h')
    expect(after.told()).toHaveLength(1)
  })

  test('past the deadline is decided against', async () => {
    const host = town({ at: evening, library: { openingHours: week }, purposes: open })
    expect((await decided(host, 'a', { expireAt: '2026-11-25T16:00:00.000Z' })).outcome).toMatchObject({
      rule: 'deadline',
    })
    expect((await decided(host, 'b', { expireAt: '2026-11-25T16:00:00.001Z' })).outcome).toMatchObject({ send: true })
  })
})

test('quiet hours may bind some media only', async () => {
  const quiet = { from: '21:00', to: '08:00', media: ['sms', 'voice'] }
  const branches = [{ id: 'East', name: 'East', quietHours: { from: '00:00', to: '12:00', media: ['email'] } }]
  const host = town({ at: '2026-11-25T05:30:00.000Z', library: { quietHours: quiet, branches } })
  const when = async (key: string, more: object) => (await decided(host, key, more)).outcome
  expect(await when('a', {})).toMatchObject({ notBefore: '2026-11-25T14:00:00.000Z' })
  const mail = { to: { scheme: 'mailto', value: 'a@example.org' } }
  expect(await when('b', mail)).toMatchObject({ notBefore: '2026-11-25T05:30:00.000Z' })
  host.clock.ms = Date.parse('2026-11-25T06:30:00.000Z')
  await host.prm.record([hold(1, 'c1', { branch: 'East' })])
  expect(await when('c', { ...mail, about: [hold(1, 'c1')] })).toMatchObject({ notBefore: '2026-11-25T18:00:00.000Z' })
  await host.run()
  expect(host.told()).toEqual([['email', 'a@example.org']])
})

// ── every night of change ────────────────────────────────────────────────────────────────────

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
  'Pacific/Auckland',
  'Pacific/Chatham',
  'UTC',
] as const
const minute = 60_000
const start = Date.parse('2026-01-01T00:00:00.000Z')
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
const walls = new Map<string, Intl.DateTimeFormat>()
/** Another way to the wall clock than the one under test. */
function wall(ms: number, zone: string): string {
  let format = walls.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' })
    walls.set(zone, format)
  }
  return format.format(ms)
}
function isOpen(ms: number, { openingHours, closedDays = [] }: OpeningTimes, zone: string): boolean {
  const [day = '', time = ''] = wall(ms, zone).split(' ')
  if (closedDays.includes(day)) return false
  const spans = openingHours ? openingHours[days[new Date(day).getUTCDay()] as 'sun'] : [{ from: '00:00', to: '24:00' }]
  return (spans ?? []).some(({ from, to }) => time >= from && time < to)
}

const time = fc
  .integer({ min: 0, max: 24 * 60 })
  .map((at) => `${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`)
const span = fc.tuple(time, time).map(([a, b]) => (a < b ? { from: a, to: b } : { from: b, to: a }))
const hours = fc.record(Object.fromEntries(days.map((day) => [day, fc.array(span, { maxLength: 2 })])), {
  requiredKeys: [],
})
const changes = zones.flatMap((zone) => {
  const found: { zone: string; at: number }[] = []
  const offset = (ms: number) => Date.parse(`${wall(ms, zone).replace(' ', 'T')}:00.000Z`) - ms
  for (let at = start; at < start + 730 * 86_400_000; at += 6 * 3_600_000)
    if (offset(at) !== offset(at + 6 * 3_600_000)) found.push({ zone, at })
  return found
})
const moment = fc.oneof(
  fc.record({ zone: fc.constantFrom(...zones), at: fc.integer({ min: start, max: start + 730 * 86_400_000 }) }),
  fc
    .record({ change: fc.constantFrom(...changes), off: fc.integer({ min: -30 * 3_600_000, max: 10 * 3_600_000 }) })
    .map(({ change, off }) => ({ zone: change.zone, at: change.at + off })),
)

describe('the next opening', () => {
  test('is open by the wall clock, not earlier than asked, and none is before it but in an hour that comes twice', () => {
    fc.assert(
      fc.property(
        moment,
        hours,
        fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
        ({ zone, at }, week, off) => {
          const closed = off.map((day) => wall(at + day * 86_400_000, zone).slice(0, 10))
          const place = { openingHours: week, closedDays: closed } as OpeningTimes
          const found = nextOpening(at, place, zone)
          const end = Number.isNaN(found) ? at + 9 * 86_400_000 : found
          if (!Number.isNaN(found)) {
            expect(found).toBeGreaterThanOrEqual(at)
            expect(isOpen(found, place, zone)).toBe(true)
          }
          let last = wall(at, zone)
          for (let ms = Math.ceil((at + 1) / minute) * minute; ms < end; ms += minute) {
            const now = wall(ms, zone)
            if (now < last) continue
            last = now
            if (isOpen(ms, place, zone)) throw new Error(`${instant(ms)} is open already, ${now}`)
          }
        },
      ),
      { numRuns: 150 },
    )
  })

  test('and quiet hours in zones of their own leave a moment that both leave, and outside the nights of change the first', () => {
    const purpose: Purpose = { basis: 'service', class: 'service', onlyWhileOpen: true }
    fc.assert(
      fc.property(moment, moment, hours, span, ({ zone, at }, other, week, quiet) => {
        if (quiet.from === quiet.to || (quiet.from === '00:00' && quiet.to === '24:00')) return
        const place = { ...library, timeZone: zone, openingHours: week, quietHours: quiet } as Library
        const here = { patron: { id: 'p', timeZone: other.zone } }
        const { at: found } = earliestAllowed(
          { library: place, purposes: { a: purpose } },
          { purpose: 'a' },
          here,
          'sms',
          at,
        )
        const still = (ms: number) => {
          const now = wall(ms, other.zone).slice(11)
          return now >= quiet.from && now < quiet.to
        }
        const end = Number.isNaN(found) ? at + 9 * 86_400_000 : found
        if (changes.some((one) => one.at > at - 86_400_000 && one.at <= end + 86_400_000)) return
        if (!Number.isNaN(found)) expect([isOpen(found, place, zone), still(found)]).toEqual([true, false])
        for (let ms = Math.ceil((at + 1) / minute) * minute; ms < end; ms += minute)
          if (isOpen(ms, place, zone) && !still(ms)) throw new Error(`${instant(ms)} is free already`)
      }),
      { numRuns: 100 },
    )
  })

  test.each([
    ['a span in the gap of spring is no opening', 'America/Chicago', '2027-03-13T23:00', '02:00', '02:45', 'NaN'],
    [
      'one that begins in it begins at its end',
      'America/Chicago',
      '2027-03-13T23:00',
      '02:30',
      '04:00',
      '2027-03-14T08:00:00.000Z',
    ],
    [
      'one that begins in the fold of autumn begins the first time',
      'America/Chicago',
      '2026-10-31T23:00',
      '01:30',
      '03:00',
      '2026-11-01T06:30:00.000Z',
    ],
    ['midnight may be missing', 'America/Havana', '2027-03-13T12:00', '00:00', '08:00', '2027-03-14T05:00:00.000Z'],
  ])('knows that %s', (_, zone, local, from, to, expected) => {
    const at = Date.parse(`${local}:00.000Z`) + 5 * 3_600_000 // Chicago and Havana are that or six behind
    const first = nextOpening(at, { openingHours: { sun: [{ from, to }] } }, zone)
    const sameDay = first - at < 2 * 86_400_000
    expect(sameDay ? instant(first) : 'NaN').toBe(expected)
  })
})
