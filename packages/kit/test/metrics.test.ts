import { PrmError } from '@prm/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { countIn, dayIn, figure, spansOf } from '../src/metrics.ts'

const day = (n: number): string => new Date(Date.UTC(2024, 0, 1) + n * 86_400_000).toISOString().slice(0, 10)

test('each day that is over is asked for once, whatever fits into one question', () => {
  void fc.assert(
    fc.property(fc.nat(300), fc.nat(300), fc.nat(700), fc.integer({ min: 1, max: 40 }), (start, length, now, each) => {
      const spans = spansOf({ from: day(start), to: day(start + length) }, day(now), each)
      const told = spans.flatMap(({ from, to }) => {
        const first = (Date.parse(from) - Date.parse(day(0))) / 86_400_000
        const count = (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1
        expect(count).toBeLessThanOrEqual(each)
        return Array.from({ length: count }, (_, n) => first + n)
      })
      const due = Array.from({ length: length + 1 }, (_, n) => start + n).filter((n) => n < now)
      expect(told).toEqual(due)
    }),
  )
})

test.each([
  ['2026-11-31', '2026-12-01', 'from'],
  ['2026-11-01', 'yesterday', 'to'],
  ['2026-11-02', '2026-11-01', 'to'],
  ['2020-01-01', '2026-11-01', 'from'],
])('%s to %s is refused, naming %s', (from, to, field) => {
  try {
    spansOf({ from, to }, '2026-11-29', 7)
    expect.unreachable()
  } catch (error) {
    expect(PrmError.is(error) && [error.code, error.field]).toEqual(['invalid', field])
  }
})

test('the day is that of the site, also at a plain offset and around a change of clocks', () => {
  expect(dayIn('America/Chicago', new Date('2026-11-29T05:59:00Z'))).toBe('2026-11-28')
  expect(dayIn('America/Chicago', new Date('2026-11-29T06:00:00Z'))).toBe('2026-11-29')
  expect(dayIn('+05:30', new Date('2026-11-28T18:30:00Z'))).toBe('2026-11-29')
  expect(dayIn('America/Chicago', new Date('2026-11-01T05:00:00Z'))).toBe('2026-11-01')
  expect(() => dayIn('Mars/Olympus', new Date(0))).toThrow(RangeError)
})

test('a count is a number or its digits, and nothing else is taken for 0', () => {
  expect(['7', 7, '0', 0].map(countIn)).toEqual([7, 7, 0, 0])
  expect(['', ' ', null, undefined, '-', '3 %', -1, Number.NaN, [], true].map(countIn)).toEqual(
    Array(10).fill(undefined),
  )
  expect(figure(undefined, 'not counted')).toEqual({ is: 'unavailable', reason: 'not counted' })
})
