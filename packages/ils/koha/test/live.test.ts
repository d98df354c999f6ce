import { type Line, recorder, replay, report } from '@prm/conformance'
import { expect, test } from 'vitest'
import { simulate } from '../simulator/index.ts'
import { context } from './context.ts'
import { suites } from './suite.ts'

const suite = suites['koha today']
const credentials = { clientId: '6f2d1c8e-prm', clientSecret: 'b7c1f09a52d64e8e93ab' }

test('a run against a Koha reads, writes nothing, and leaves a recording that holds nobody and plays back', async () => {
  if (!suite?.live) throw new Error('no suite')
  const koha = await simulate(credentials)
  const known = 'ada@mail.example'
  const env = {
    KOHA_URL: koha.url,
    KOHA_CLIENT_ID: credentials.clientId,
    KOHA_CLIENT_SECRET: credentials.clientSecret,
    KOHA_KNOWN: known,
    KOHA_ISBN: '9783161484100',
  }
  const tape = recorder({ persons: [known, credentials.clientSecret], salt: 'x', keep: ['Bearer'] })
  const lines: Line[] = []
  for await (const line of report('koha', suite, { live: { env, record: () => tape.fetch } })) lines.push(line)
  await koha.close()

  expect(lines.filter(({ result }) => result === 'fail')).toEqual([])
  const passed = lines.flatMap(({ check, result }) => (result === 'pass' ? [check] : []))
  expect(passed).toEqual(
    expect.arrayContaining([
      'check/findings',
      'directory/find',
      'directory/absent',
      'catalogue/by-isbn',
      'privacy/logs',
    ]),
  )
  const writes = koha.calls().filter(({ method, path }) => method !== 'GET' && !path.endsWith('/oauth/token'))
  expect(writes).toEqual([])

  const tapeText = JSON.stringify(tape.exchanges())
  for (const word of [known, credentials.clientSecret, 'Pine', '23529000010001']) expect(tapeText).not.toContain(word)
  const { make } = suite.live((name) => env[name as keyof typeof env])
  const [patron, ...others] =
    (await make(replay(JSON.parse(tapeText))).directory?.find(
      { scheme: 'mailto', value: tape.scrub(known) },
      context(),
    )) ?? []
  expect(others).toEqual([])
  expect(JSON.stringify(patron)).toContain(tape.scrub(known))
})
