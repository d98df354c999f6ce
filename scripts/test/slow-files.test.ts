import { expect, test } from 'vitest'
import { slowest } from './slow-files.ts'

test('the ten slowest files are listed, slowest first, by their path in the repository', () => {
  const files = Array.from({ length: 12 }, (_, n) => ({ file: `/house/test/${n}.test.ts`, ms: n * 1_000 + 40 }))
  const lines = slowest(files, '/house')
  expect(lines).toHaveLength(12)
  expect(lines.slice(0, 3)).toEqual([
    'The 10 slowest test files:',
    '   11.0 s  test/11.test.ts',
    '   10.0 s  test/10.test.ts',
  ])
  expect(lines.slice(-2)).toEqual(['    2.0 s  test/2.test.ts', ''])
})

test('a run of one file lists none', () => {
  expect(slowest([{ file: '/house/test/a.test.ts', ms: 9_000 }], '/house')).toEqual([])
})
