import { afterAll, expect, test } from 'vitest'
import { mutants, tidy } from './mutants.ts'
import { failed, results, suiteOf } from './run.ts'

afterAll(tidy)

test('a good adapter fails nothing', async () => {
  expect(failed(await results(suiteOf()))).toEqual([])
})

test.for(Object.entries(mutants))('%s', async ([, [expected, broken]]) => {
  expect(failed(await results(suiteOf(broken))).sort()).toEqual([...expected].sort())
})
