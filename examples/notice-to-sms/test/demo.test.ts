import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const started = async (args: readonly string[], env: Record<string, string> = {}): Promise<string> => {
  const node = ['--disable-warning=ExperimentalWarning', '--conditions=@prm/source', main, ...args]
  const ran = await promisify(execFile)(process.execPath, node, {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
  })
  return ran.stdout
}

test('without arguments it tells the same story at any hour, in at most 40 lines, and ends with 0', async () => {
  const [one, two] = await Promise.all([
    started([]),
    started([], {
      TWILIO_ACCOUNT_SID: 'AC1',
      TWILIO_AUTH_TOKEN: 'x',
      TWILIO_BASE_URL: 'http://127.0.0.1:9',
      TZ: 'Asia/Tokyo',
    }),
  ])
  expect(one.trim().split('\n').length).toBeLessThanOrEqual(40)
  expect(one).toContain('▸ not told: asked to stop on 3 May')
  expect(two).toBe(one)
})

test('the README shows what npm start prints', async () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
  const shown = /<!-- output of npm start, compared in CI -->\n```text\n([\s\S]*?)\n```/.exec(readme)?.[1]
  expect(shown).toBe((await started([])).trimEnd())
})

test('with arguments it is prm notices', async () => {
  const samples = fileURLToPath(new URL('../samples', import.meta.url))
  const args = [`${samples}/PhoneNotices.csv`, '--json', '--now', '2026-11-24T16:00:00Z']
  const last = await started(args).catch((error: { code: number; stdout: string }) => {
    expect(error.code).toBe(1) // the sample with a bad row
    return error.stdout
  })
  expect(JSON.parse(last.trim().split('\n').at(-1) ?? '')).toMatchObject({ summary: { bad: 1, sent: 0 } })
  const help = await started(['--help'])
  expect(help).toContain('--phone [maria|ada]')
  expect(help).toContain('Usage: prm notices')
})
