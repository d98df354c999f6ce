import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { simulate } from '@prm/koha/simulator'
import { describe, expect, test } from 'vitest'

const main = fileURLToPath(new URL('../conformance.ts', import.meta.url))

async function run(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const ended = promisify(execFile)(process.execPath, ['--conditions=@prm/source', main, ...args], {
    env: { ...process.env, ...env },
  })
  const { code = 0, stdout, stderr } = await ended.catch((error) => error)
  return {
    code,
    stderr,
    lines: () =>
      stdout
        .trim()
        .split('\n')
        .map((line: string) => JSON.parse(line)),
  }
}

describe.concurrent('npm run conformance', () => {
  test('prints a line for each check of one adapter', async () => {
    const { code, lines } = await run(['twilio', '--json'])
    expect(code).toBe(0)
    expect(lines()).toContainEqual({ adapter: 'twilio', check: 'channel/hang-after-accept', result: 'pass' })
    expect(lines()).toContainEqual({ adapter: 'twilio', check: 'feed/…', result: 'skip', why: 'no feed' })
  })

  test('and the tests of the adapter count the same, a fault that its vendor cannot have as skipped', async () => {
    const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))
    const args = ['run', '--root', fileURLToPath(new URL('../..', import.meta.url)), '--project', '@prm/x']
    const { stdout } = await promisify(execFile)(process.execPath, [vitest, ...args, 'test/conformance.test.ts'])
    const { lines } = await run(['x', '--json'])
    const many = (result: string) => lines().filter((line: { result: string }) => line.result === result).length
    expect(stdout).toContain(`\nconformance x: ${many('pass')} pass, 0 fail, ${many('skip')} skip, 0 deviation\n`)
    const why = 'the simulator has no fault duplicate-report'
    expect(lines()).toContainEqual({ adapter: 'x', check: 'webhook/duplicate-report', result: 'skip', why })
    expect(stdout).toContain(`\nconformance x webhook/duplicate-report: skip, ${why}\n`)
    expect(stdout).toMatch(/\n\d+ passed, 0 failed, 0 skipped\n$/)
  })

  test('prints a line for each mutant, and by which checks it was caught', async () => {
    const { code, lines } = await run(['--mutants', '--json'])
    expect(code).toBe(0)
    expect(lines().length).toBeGreaterThanOrEqual(20)
    for (const { mutant, expected, caughtBy } of lines()) expect(caughtBy, mutant).toContain(expected)
  })

  test('against the vendor itself it records what was answered, and of whom not', async () => {
    const koha = await simulate()
    const file = join(mkdtempSync(join(tmpdir(), 'prm-live-')), 'koha.json')
    const { code, lines } = await run(['koha', '--live', '--record', file, '--json'], {
      KOHA_URL: koha.url,
      KOHA_CLIENT_ID: koha.credentials.clientId,
      KOHA_CLIENT_SECRET: koha.credentials.clientSecret,
      KOHA_KNOWN: 'ada@mail.example',
      KOHA_ISBN: '9783161484100',
    })
    await koha.close()
    expect([code, lines().filter(({ result }: { result: string }) => result === 'fail')]).toEqual([0, []])
    const recorded = readFileSync(file, 'utf8')
    expect(JSON.parse(recorded).length).toBeGreaterThan(3)
    expect(recorded).not.toMatch(/ada@mail\.example|Pine|23529000010001/)
  })

  test.each([
    [['nobody'], /nobody is no adapter here. There are: .*twilio/],
    [['twilio', 'koha'], /One NAME at most/],
    [['--live'], /--live takes the NAME/],
    [['twilio', '--allow', 'channel/send'], /go with --live/],
    [['koha', '--live'], /KOHA_CLIENT_ID is not set/],
    [['twilio', '--loud'], /--loud/],
  ])('%s could not run: exit 2, and why', async (args, why) => {
    const { code, stderr } = await run(args)
    expect([code, stderr]).toEqual([2, expect.stringMatching(why)])
    expect(stderr).toContain('usage: npm run conformance')
  })
})
