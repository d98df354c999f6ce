import { PrmError } from '@prm/core'
import { expect, test } from 'vitest'
import { instantOf } from '../src/api.ts'
import { codeOf } from '../src/errors.ts'
import { facebook } from '../src/index.ts'

const config = {
  pageId: '104000000000001',
  appId: '310000000000001',
  appSecret: 'secret',
  pageToken: () => 'EAA',
  verifyToken: 'typed',
  pseudonymKey: 'sixteen letters or more',
}

test.each([
  [{ pageId: 'alderlibrary' }, 'pageId'],
  [{ appSecret: '' }, 'appSecret'],
  [{ pseudonymKey: 'short' }, 'pseudonymKey'],
  [{ graphVersion: '25' }, 'graphVersion'],
  [{ every: '10 minutes' }, 'every'],
  [{ humanAgent: true }, 'humanAgent'],
  [{ baseUrl: 'graph' }, 'baseUrl'],
  [{ page: '1' }, 'page'],
])('%o is wrong, and the error names the field and no value', (wrong, field) => {
  expect(() => facebook({ ...config, ...(wrong as object) })).toThrow(
    expect.objectContaining({ code: 'config', field, message: expect.not.stringContaining('alderlibrary') }),
  )
})

test('what is right is taken', () => {
  expect(() => facebook({ ...config, graphVersion: 'v26.0', every: '1h', humanAgent: ['reply'] })).not.toThrow(PrmError)
})

test.each([
  [4, 0, 'rate_limited'],
  [17, 0, 'rate_limited'],
  [32, 0, 'rate_limited'],
  [613, 0, 'rate_limited'],
  [80001, 0, 'rate_limited'],
  [190, 463, 'auth'],
  [10, 0, 'forbidden'],
  [10, 2018278, 'unsupported'],
  [10, 2018065, 'unsupported'],
  [200, 0, 'forbidden'],
  [200, 1545041, 'unsupported'],
  [299, 0, 'forbidden'],
  [368, 0, 'forbidden'],
  [551, 1545041, 'unsupported'],
  [100, 0, 'invalid'],
  [100, 33, 'not_found'],
  [100, 2018001, 'not_found'],
  [2, 0, 'unknown'],
  [506, 0, 'unknown'],
  [99999, 0, undefined],
])('error %i with subcode %i is %s', (code, error_subcode, expected) => {
  expect(codeOf(400, { error: { code, ...(error_subcode && { error_subcode }) } }, { method: 'POST', path: '' })).toBe(
    expected,
  )
})
test('error 2 on a look-up is an outage; a refusal without a number is left to its status', () => {
  expect(codeOf(500, { error: { code: 2 } }, { method: 'GET', path: '' })).toBe('unavailable')
  expect(codeOf(502, '<html>', { method: 'POST', path: '' })).toBe(undefined)
})

test.each([
  [1764000000, '2025-11-24T16:00:00.000Z'],
  [1764000000123, '2025-11-24T16:00:00.123Z'],
  ['2026-11-24T17:00:00+0100', '2026-11-24T16:00:00.000Z'],
  ['soon', undefined],
  [undefined, undefined],
  [Number.NaN, undefined],
])('the time %s is %s', (said, expected) => expect(instantOf(said)).toBe(expected))
