import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Line } from '@prm/conformance'
import { afterAll, expect, test } from 'vitest'
import { authOf, facetsOf } from '../../packages/create-prm-adapter/src/choice.ts'
import { make, node, tsc, workspace } from '../../packages/create-prm-adapter/test/made.ts'
import { faultsOf } from '../generate/registry.ts'

const guide = readFileSync(new URL('../../docs/guides/write-an-adapter.md', import.meta.url), 'utf8')
const blocks = [...guide.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({
  language,
  text,
}))
const { path, remove } = workspace()
afterAll(remove)

const report = async (dir: string, ...args: readonly string[]): Promise<readonly Line[]> => {
  const { out } = await node(dir, 'test/report.ts', ...args)
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

test('Write an adapter: its commands, diffs and lists, in order, from nothing to a green report', async () => {
  const [, facets = '', auth = ''] =
    /npm create prm-adapter -- prm-ibis --facets (\S+) --auth (\S+) --standalone --yes/.exec(guide) ?? []
  const dir = make(path, 'ibis', { facets: facetsOf(facets), auth: authOf(auth), standalone: true })
  const seen: string[] = []
  for (const { language, text } of blocks) {
    if (language === 'diff') execFileSync('git', ['apply', '-'], { cwd: dir, input: text })
    else if (language === 'text') {
      const failed = (await report(dir)).filter(({ result }) => result === 'fail').map(({ check }) => check)
      expect(failed).toEqual(text.trim().split('\n'))
    } else if (language === 'json' && text.includes('"check"')) {
      const lines = await report(dir)
      expect(lines.filter(({ result }) => result === 'fail' || result === 'deviation')).toEqual([])
      for (const line of text.trim().split('\n')) expect(lines).toContainEqual(JSON.parse(line))
      const passed = lines.filter(({ result }) => result === 'pass').length
      expect(guide).toContain(`${passed} checks pass, none fails`)
      expect(lines.length - passed).toBe(8) // "eight lines name what Ibis does not offer"
    } else if (language === 'json') expect(faultsOf(`{ "adapters": [\n${text}] }`)).toEqual([])
    seen.push(language)
  }
  expect(seen.filter((language) => language === 'diff').length).toBeGreaterThan(4)
  expect(seen).toEqual(expect.arrayContaining(['text', 'json']))

  expect(await tsc(dir, '-p', '.', '--customConditions', '@prm/source')).toEqual({ code: 0, out: '' })
  expect((await node(dir, '--test', 'test/**/*.test.ts')).code).toBe(0)

  // "See it fail once."
  const channel = join(dir, 'src/channel.ts')
  const text = readFileSync(channel, 'utf8')
  writeFileSync(channel, text.replace('client_ref: key,\n', '\n'))
  expect((await report(dir)).filter(({ result }) => result === 'fail').map(({ check }) => check)).toContain(
    'channel/find',
  )
  writeFileSync(channel, text)
})

test('Write an adapter: --live asks a sandbox, and sends there only what was allowed', async () => {
  const dir = join(path, 'packages/ibis')
  writeFileSync(
    join(dir, 'sandbox.ts'),
    `import { spawn } from 'node:child_process'
import { simulate } from './simulator/index.ts'

const { url, credentials, received, close } = await simulate()
const { token, from, webhookSecret } = credentials
const env = { ...process.env, IBIS_URL: url, IBIS_TOKEN: token, IBIS_WEBHOOK_SECRET: webhookSecret, IBIS_FROM: from, IBIS_TO: '+12125550134' }
const child = spawn(process.execPath, [...process.execArgv, 'test/report.ts', '--live', ...process.argv.slice(2)], { env, stdio: 'inherit' })
const [code] = await new Promise((done) => child.once('exit', (...ended) => done(ended)))
console.log(JSON.stringify({ code, received: received().length }))
await close()
`,
  )
  for (const [allow, sent] of [
    [[], 0],
    [['--allow', 'channel/send'], 1],
  ] as const) {
    const { out } = await node(dir, 'sandbox.ts', ...allow)
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.at(-1)).toEqual({ code: 0, received: sent })
    expect(lines).toContainEqual({ adapter: 'ibis', check: 'check/findings', result: 'pass' })
  }
  const { code, out } = await node(dir, 'test/report.ts', '--live')
  expect([code, out]).toEqual([2, expect.stringMatching(/IBIS_\w+ is not set/)])
})
