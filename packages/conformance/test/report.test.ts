import { readFileSync } from 'node:fs'
import { PrmError } from '@prm/core'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type Line, report } from '../src/index.ts'
import { type Break, credentials, fixtures, suiteOf } from './run.ts'

const schema = z.fromJSONSchema(JSON.parse(readFileSync(new URL('../report.schema.json', import.meta.url), 'utf8')))
async function all(lines: AsyncIterable<Line>): Promise<Line[]> {
  const found: Line[] = []
  for await (const line of lines) found.push(line)
  return found
}

test('each line of a report is as the schema has it, whatever the result', async () => {
  const broken: Break = ({ feed, ...adapter }) => ({ ...adapter, version: 'one', kind: '' })
  const deviations = [{ check: 'manifest/plain', why: 'none', until: '2999-12-31' }]
  const lines = await all(report('pigeon', { ...suiteOf(broken), deviations }))
  for (const line of lines) expect(schema.safeParse(line), JSON.stringify(line)).toMatchObject({ success: true })
  expect(lines).toContainEqual({ adapter: 'pigeon', check: 'channel/send', result: 'pass' })
  expect(lines).toContainEqual({ adapter: 'pigeon', check: 'feed/…', result: 'skip', why: 'no feed' })
  expect(lines).toContainEqual({
    adapter: 'pigeon',
    check: 'channel/page-moved',
    result: 'skip',
    why: 'the simulator has no fault page-moved',
  })
  expect(lines.find(({ check }) => check === 'manifest/identity')).toMatchObject({ result: 'fail', why: /./ })
  expect(lines.find(({ check }) => check === 'manifest/plain')).toMatchObject({ result: 'fail', why: /is no more/ })
})

test.for([
  { check: 'channel/send', result: 'pass' },
  { adapter: '', check: 'channel/send', result: 'pass' },
  { adapter: 'pigeon', check: 'send', result: 'pass' },
  { adapter: 'pigeon', check: 'channel/send', result: 'ok' },
  { adapter: 'pigeon', check: 'channel/send', result: 'fail' },
  { adapter: 'pigeon', check: 'channel/send', result: 'pass', when: 'today' },
])('the schema refuses %o', (line) => {
  expect(schema.safeParse(line).success).toBe(false)
})

test('against the vendor itself, only what reads is done, and what writes where it is allowed by name', async () => {
  const suite = suiteOf()
  const sandbox = await suite.simulate?.()
  if (!sandbox) throw new Error('no simulator')
  const live = () => ({ make: () => suite.make(sandbox), fixtures: { ...fixtures } })
  const lines = await all(report('pigeon', { ...suite, live }, { live: {} }))
  expect(lines.filter(({ result }) => result === 'fail')).toEqual([])
  expect(sandbox.received()).toEqual([])
  const passed = lines.filter(({ result }) => result === 'pass').map(({ check }) => check)
  expect(passed).toEqual(
    expect.arrayContaining(['check/findings', 'directory/find', 'circulation/loans', 'privacy/errors']),
  )
  expect(passed).not.toContain('channel/abort')
  const why = 'it writes there, and was not allowed'
  expect(lines).toContainEqual({ adapter: 'pigeon', check: 'channel/send', result: 'skip', why })

  const more = await all(report('pigeon', { ...suite, live }, { live: { allow: ['channel/send'] } }))
  expect(more).toContainEqual({ adapter: 'pigeon', check: 'channel/send', result: 'pass' })
  expect(sandbox.received()).toHaveLength(1)
  await sandbox.close()
})

test('what cannot be run against the vendor is said before anything is asked of it', async () => {
  const suite = suiteOf()
  const thrown = (of: Parameters<typeof report>[1], live: object) =>
    all(report('pigeon', of, { live })).catch(
      (error: unknown) => PrmError.is(error) && `${error.code} ${error.message}`,
    )
  expect(await thrown(suite, {})).toMatch(/^config .*no `live`/)
  const live = (env: (name: string) => string) => ({
    make: () => suite.make(undefined),
    fixtures: { forbidden: [env('PIGEON_TOKEN')] },
  })
  expect(await thrown({ ...suite, live }, { env: {} })).toMatch(/^config PIGEON_TOKEN is not set/)
  const env = { PIGEON_TOKEN: credentials.token }
  expect(await thrown({ ...suite, live }, { env, allow: ['channel/reset'] })).toMatch(
    /^config channel\/reset cannot be allowed/,
  )
})
