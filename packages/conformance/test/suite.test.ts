import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Json, PrmError } from '@prm/core'
import { expect, test } from 'vitest'
import type { Deviation } from '../src/index.ts'
import { factOf } from './pigeon.ts'
import { type Break, credentials, failed, fixtures, type Result, results, suiteOf } from './run.ts'

const named = (found: readonly Result[]) => found.map(({ name }) => name)
const later = '2999-12-31'

test('what an adapter does not offer is one test whose name says why', async () => {
  const nothing: Break = ({
    channel,
    webhook,
    feed,
    writeBack,
    directory,
    circulation,
    catalogue,
    knowledge,
    metrics,
    check,
    close,
    ...adapter
  }) => adapter
  const names = named(await results(suiteOf(nothing), [], /skipped/))
  expect(names).toEqual([
    'channel/… skipped: no channel',
    'webhook/… skipped: no webhook',
    'feed/… skipped: no feed',
    'write-back/… skipped: no writeBack',
    'directory/… skipped: no directory',
    'circulation/… skipped: no circulation',
    'catalogue/… skipped: no catalogue',
    'knowledge/… skipped: no knowledge',
    'metrics/… skipped: no metrics',
    'check/… skipped: no check',
    'lifecycle/close skipped: no close',
  ])
})

test('a part that is missing skips its own checks', async () => {
  const blind: Break = ({ channel: { lookup, ...channel }, ...adapter }) => ({ ...adapter, channel })
  const names = named(await results(suiteOf(blind), [], /skipped/))
  expect(names).toContain('channel/find-taken skipped: no channel.find')
  const { simulate, ...alone } = suiteOf()
  expect(named(await results(alone, [], /skipped/))).toContain('webhook/forged skipped: no simulator')
  const { outcomes, ...quiet } = suiteOf()
  expect(named(await results(quiet, [], /skipped/))).toContain('write-back/again skipped: no outcomes.told')
  const bare = { ...suiteOf(), fixtures: { forbidden: [] } }
  expect(named(await results(bare, [], /skipped/))).toContain('channel/send skipped: no fixtures.known')
})

test('where a vendor signs nothing, the secret in its URL is what is asked for', async () => {
  const secret = '0f512bda-ae1e-4597-8e11'
  const checking = (believes: (given: string | null) => boolean): ReturnType<typeof suiteOf> => {
    const { simulate = refused, ...rest } = suiteOf((adapter) => ({
      ...adapter,
      webhook: {
        proof: 'secret',
        async receive(request, ctx) {
          if (!believes(new URL(request.url).searchParams.get('secret')))
            throw new PrmError('signature', 'Another secret.')
          const body = await request.text()
          if (body.length > 1024 * 1024) throw new PrmError('invalid', 'The request is larger than 1 MiB.')
          return { interactions: [factOf(body, ctx.id)] }
        },
      },
    }))
    return {
      ...rest,
      async simulate() {
        const simulator = await simulate()
        const webhook = (event: Json) =>
          new Request(`https://library.example/prm/pigeon?secret=${secret}`, {
            method: 'POST',
            body: JSON.stringify({ id: 'M1', ...(event as object) }),
          })
        return { ...simulator, webhook }
      },
    }
  }
  const good = await results(
    checking((given) => given === secret),
    [],
    /webhook/,
  )
  expect(named(good)).toContain('webhook/altered-body skipped: no webhook.signature')
  expect(failed(good)).toEqual([])
  expect(
    failed(
      await results(
        checking((given) => given !== null),
        [],
        /webhook/,
      ),
    ),
  ).toEqual(['webhook/forged'])
  expect(
    failed(
      await results(
        checking((given) => given !== 'wrong'),
        [],
        /webhook/,
      ),
    ),
  ).toEqual(['webhook/forged', 'webhook/unsigned'])
})
const refused = () => Promise.reject(new Error('no simulator'))

test('what only the run can tell is skipped in the run: a fault that the simulator has not', async () => {
  const found = await results(suiteOf(), [], /page-moved|reports/)
  expect(found).toEqual([
    { name: 'channel/page-moved', skipped: 'the simulator has no fault page-moved' },
    { name: 'webhook/reordered-reports', skipped: 'the simulator has no fault reordered-reports' },
  ])
})

test('an adapter that cannot be made without a simulator is asked in the run', async () => {
  const needy: Break = ({ feed, ...adapter }, simulator) => {
    if (!simulator) throw new TypeError('no simulator')
    return adapter
  }
  const found = await results(suiteOf(needy))
  expect(failed(found)).toEqual([])
  expect(found).toContainEqual({ name: 'feed/keys', skipped: 'no feed' })
})

test('a check whose adapter never answers fails, and does not hang', async () => {
  const mute: Break = (adapter) => ({ ...adapter, channel: { ...adapter.channel, send: () => new Promise(() => {}) } })
  const [found] = await results(suiteOf(mute), [], /^channel.send$/)
  expect(String(found?.error)).toContain('no end after 15000 ms')
})

// ── deviations ───────────────────────────────────────────────────────────────────────────────
const deaf: Break = (adapter) => ({ ...adapter, version: 'one' })
const deviation: Deviation = { check: 'manifest/identity', why: 'versions are words here', until: later }
const judged = async (broken: Break | undefined, deviation: Deviation): Promise<string> => {
  const only = new RegExp(`^${deviation.check}`)
  return String(
    (await results(suiteOf(broken), [deviation], only)).map(({ name, error }) => `${name} ${error ?? 'ok'}`),
  )
}

test('a deviation is a check that is expected to fail', async () => {
  expect(await judged(deaf, deviation)).toBe('manifest/identity deviation until 2999-12-31: versions are words here ok')
})
test('a deviation that passes fails the run', async () => {
  expect(await judged(undefined, deviation)).toContain('the check passes: the deviation is no more')
})
test('a deviation that has ended fails the run', async () => {
  expect(await judged(deaf, { ...deviation, until: '2020-01-01' })).toContain('the deviation ended on 2020-01-01')
})
test('a deviation from what is no check, or is skipped, fails the run', async () => {
  expect(await judged(undefined, { ...deviation, check: 'channel/none' })).toContain(
    'there is no such check, or it is skipped',
  )
  const dumb: Break = ({ webhook, ...adapter }) => adapter
  expect(await judged(dumb, { ...deviation, check: 'webhook/forged' })).toContain(
    'there is no such check, or it is skipped',
  )
})

// ── privacy ──────────────────────────────────────────────────────────────────────────────────
const saying = async (text: string): Promise<unknown> => {
  const loud: Break = ({ check, ...adapter }) => ({
    ...adapter,
    async check() {
      throw new PrmError('auth', 'It was refused.', { cause: new Error(text) })
    },
  })
  return (await results(suiteOf(loud), [], /^privacy.errors$/))[0]?.error
}
test.for([
  `Bearer ${credentials.token}`,
  `Basic ${Buffer.from(`pigeon:${credentials.token}`).toString('base64')}`,
  `Basic ${Buffer.from(`pigeons:${credentials.token}`).toString('base64')}`,
  `Basic ${Buffer.from(`a pigeon:${credentials.token}`).toString('base64')}`,
  'GET /messages?to=%2B12125550134',
  'to 212-555-0134',
  'for ada.',
])('found in the cause of an error: %s', async (text) => {
  const error = String(await saying(text))
  expect(error).toMatch(/an error holds fixtures\.(forbidden\[\d\]|known)/)
  for (const word of [...fixtures.forbidden, '2125550134']) expect(error).not.toContain(word)
})
test('no false alarm: a short name inside another word', async () => {
  expect(await saying('The adapter of Adams was refused at 12125550100.')).toBeUndefined()
})

// ── runners ──────────────────────────────────────────────────────────────────────────────────
test('it runs in node:test as well', () => {
  const file = fileURLToPath(new URL('node.ts', import.meta.url))
  const args = ['--conditions=@prm/source', '--test', '--test-reporter=tap', file]
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const said = execFileSync(process.execPath, args, { encoding: 'utf8', env })
  expect(said).toMatch(/^ *ok \d+ - channel\/hang-after-accept$/m)
  expect(said).toMatch(/ok \d+ - channel\/page-moved # SKIP the simulator has no fault page-moved/)
  expect(said).toMatch(/# fail 0/)
})
