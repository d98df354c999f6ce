import { PrmError, type Secret } from '@prm/core'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { isSecret, parseConfig } from '../src/config.ts'
import { resolve } from '../src/secrets.ts'
import { isZone } from '../src/zone.ts'

const schema = z.strictObject({
  sid: z.string().check(z.regex(/^AC\d+$/, 'AC and digits')),
  token: z.custom<Secret>(isSecret, 'a string, or a function that returns one'),
  mode: z.exactOptional(z.enum(['a', 'b'])),
  nested: z.exactOptional(z.strictObject({ list: z.array(z.object({ port: z.number() })) })),
  url: z._default(z.url(), 'https://a.example'),
})
const good = { sid: 'AC1', token: 'hunter2' }

function wrong(config: unknown): PrmError {
  try {
    parseConfig(schema, config, 'vendor')
  } catch (error) {
    if (PrmError.is(error)) return error
  }
  throw new Error('It was taken.')
}

test('a right config comes back with its defaults', () => {
  expect(parseConfig(schema, good, 'vendor')).toEqual({ ...good, url: 'https://a.example' })
})

test.each([
  [{ token: 'hunter2' }, 'sid', 'vendor: sid is missing: expected string.'],
  [{ ...good, sid: 'hunter2' }, 'sid', 'vendor: sid is wrong: expected AC and digits.'],
  [{ ...good, sid: 42 }, 'sid', 'vendor: sid is wrong: expected string.'],
  [{ ...good, token: '' }, 'token', 'vendor: token is wrong: expected a string, or a function that returns one.'],
  [{ ...good, token: 42 }, 'token', 'vendor: token is wrong: expected a string, or a function that returns one.'],
  [{ ...good, mode: 'hunter2' }, 'mode', 'vendor: mode is wrong: expected one of a, b.'],
  [
    { ...good, nested: { list: [{ port: 1 }, { port: 'hunter2' }] } },
    'nested.list[1].port',
    'vendor: nested.list[1].port is wrong: expected number.',
  ],
  [{ ...good, url: 'hunter2' }, 'url', 'vendor: url is wrong: expected url.'],
  [{ ...good, tokn: 'hunter2' }, 'tokn', 'vendor: tokn is wrong: there is no such setting.'],
  [undefined, undefined, 'vendor is missing: expected object.'],
  ['hunter2', undefined, 'vendor is wrong: expected object.'],
])('%j: the field, what was expected, never the value', (config, field, message) => {
  const error = wrong(config)
  expect([error.code, error.field, error.message]).toEqual(['config', field, message])
  expect(JSON.stringify(error) + error.stack).not.toContain('hunter2')
})

test('a secret is resolved at each call, from a string, a function or a promise', async () => {
  let n = 0
  expect(await resolve('a')).toBe('a')
  expect(await resolve(() => `b${n++}`)).toBe('b0')
  expect(await resolve(async () => `b${n++}`)).toBe('b1')
})

test.each([[''], [() => ''], [async () => undefined as never]])('an empty secret is a wrong config', async (secret) => {
  await expect(resolve(secret)).rejects.toMatchObject({ code: 'config' })
})

test('where the secret is kept may fail: unavailable, without the words of the failure', async () => {
  const error: unknown = await resolve(() => Promise.reject(new Error('hunter2 expired'))).catch(
    (error: unknown) => error,
  )
  expect(error).toMatchObject({ code: 'unavailable' })
  expect((error as Error).stack).not.toContain('hunter2')
  await expect(resolve(() => Promise.reject(new PrmError('auth', 'No.')))).rejects.toMatchObject({ code: 'auth' })
})

test('a zone is one that the runtime knows; what fails otherwise is not hidden', () => {
  expect(['America/Chicago', 'UTC', 'Moon/Crater', 'Chicago time', ''].map(isZone)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
  expect(() => isZone(Symbol('UTC') as never)).toThrow(TypeError)
})
