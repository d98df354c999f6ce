import { PrmError } from '@prm/core'
import { expect, test } from 'vitest'
import { asked, faultOf } from '../src/finding.ts'

test('what was asked is found: a text is one that works, the rest as it was said', async () => {
  expect(await asked('feed.pull', async () => 'It is told.')).toEqual({
    what: 'feed.pull',
    ok: true,
    detail: 'It is told.',
  })
  const found = { ok: 'unknown', detail: 'Nobody says.', hint: 'Ask them.' } as const
  expect(await asked('feed.pull', async () => found)).toEqual({ what: 'feed.pull', ...found })
})

test.each([
  ['unavailable', 'unknown'],
  ['rate_limited', 'unknown'],
  ['unknown', false],
  ['auth', false],
  ['contract', false],
] as const)('an error of %s is found to be %s, in its own words', async (code, ok) => {
  const error = new PrmError(code, 'It did not go.')
  expect(await asked('auth', () => Promise.reject(error))).toEqual({ what: 'auth', ok, detail: 'It did not go.' })
  expect(faultOf(error)).toEqual({ ok, detail: 'It did not go.' })
})

test('a bug is no finding', async () => {
  const bug = new TypeError('x is undefined')
  await expect(asked('auth', () => Promise.reject(bug))).rejects.toBe(bug)
})
