import { describe, expect, test } from 'vitest'
import { clockIn, readDate, whenOf } from '../src/index.ts'

const clock = clockIn('America/Chicago')
const when = (text: string) => whenOf(text, { order: 'month first', by: 'set' }, clock)

test.each([
  ['2026-11-24 10:05:00', '2026-11-24T16:05:00.000Z'],
  ['2026-11-24T10:05:00Z', '2026-11-24T10:05:00.000Z'],
  ['2026-11-24T10:05:00+02:00', '2026-11-24T08:05:00.000Z'],
  ['2026/1/4', '2026-01-04'],
  ['11/24/2026 10:05 p.m.', '2026-11-25T04:05:00.000Z'],
  ['11-24-26', '2026-11-24'],
  ['24.11.2026 9:05', '2026-11-24T15:05:00.000Z'],
  ['04.05.2026', '2026-05-04'],
  ['Nov 24, 2026 12:05 AM', '2026-11-24T06:05:00.000Z'],
  ['Tuesday, November 24th, 2026 at 3:04pm', '2026-11-24T21:04:00.000Z'],
  ['24 de noviembre de 2026', '2026-11-24'],
  ['1er août 2026 14h30', '2026-08-01T19:30:00.000Z'],
  ['3. Dez. 2026', '2026-12-03'],
])('%s', (text, at) => expect(when(text)).toMatchObject({ at }))

test.each([
  '',
  'soon',
  '2026-13-01',
  '31/02/2026',
  '11/24/2026 25:00',
  '24 Foo 2026',
  '11/24/2026 and more',
  '11/24/202',
])('"%s" is no date', (text) => expect(when(text)).toEqual({ why: 'it is no date' }))

test('one that cannot be as the others are is read as it can be', () => {
  expect(when('25/12/2026')).toMatchObject({ at: '2026-12-25' })
  expect(readDate('25/12/2026')?.walls['month first']).toBeUndefined()
})

describe('a clock that is changed', () => {
  const at = (text: string) => (when(text) as { at: string }).at
  test('back: the first time that it shows it', () =>
    expect(at('2026-11-01 01:30:00')).toBe('2026-11-01T06:30:00.000Z'))
  test('forth: as if it had not been changed', () => expect(at('2026-03-08 02:30:00')).toBe('2026-03-08T08:30:00.000Z'))
  test('to and fro, on every hour of two years', () => {
    for (let ms = Date.UTC(2025, 0, 1); ms < Date.UTC(2027, 0, 1); ms += 3_600_000) {
      const wall = clock.wall(new Date(ms))
      const back = Date.parse(clock.instant(wall))
      expect(clock.wall(new Date(back))).toBe(wall)
      expect(ms - back === 0 || ms - back === 3_600_000).toBe(true) // the second time of a fold
    }
  })
})
