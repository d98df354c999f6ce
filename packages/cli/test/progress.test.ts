import { expect, test } from 'vitest'
import { progress } from '../src/terminal.ts'

function watched(isTTY: boolean): {
  written: string[]
  clock: { ms: number }
  at: (ms: number, done: number, total?: number) => void
  end(): void
} {
  const written: string[] = []
  const clock = { ms: 0 }
  const made = progress('rows', { isTTY, write: (text) => written.push(text) }, () => clock.ms)
  return {
    written,
    clock,
    at(ms, done, total) {
      clock.ms = ms
      made.at(done, total)
    },
    end: () => made.end(),
  }
}

test('what takes less than a second says nothing of its progress', () => {
  const { written, at, end } = watched(true)
  for (let ms = 0; ms < 1_000; ms += 50) at(ms, ms, 1_000)
  end()
  expect(written).toEqual([])
})

test('after a second a terminal sees the count, the rate, what is left and when it ends, on one line', () => {
  const { written, at, end } = watched(true)
  at(2_000, 20_000, 100_000)
  expect(written[0]?.slice(0, 4)).toBe('\r\u001b[K')
  expect(written[0]).toMatch(/rows: 20,000 of 100,000, 10,000\/s, 8 s left, until \d\d:\d\d$/)
  at(2_100, 21_000, 100_000)
  expect(written).toHaveLength(1)
  end()
  expect(written.at(-1)).toBe('\r\u001b[K')
})

test('a log gets a line each ten seconds, without control characters', () => {
  const { written, at, end } = watched(false)
  for (let ms = 0; ms <= 31_000; ms += 100) at(ms, ms)
  end()
  expect(written).toHaveLength(4)
  for (const line of written) expect(line).toMatch(/^rows: [\d,]+, 1,000\/s\n$/)
})
