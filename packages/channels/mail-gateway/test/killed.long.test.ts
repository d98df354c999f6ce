import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sqlite } from '@prm/store-sqlite'
import { simulate } from '@prm/twilio/simulator'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sendAsKoha } from '../simulator/index.ts'
import { hold } from './library.ts'

let folder = ''
let child: ChildProcess | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prm-mail-'))
})
afterEach(() => {
  child?.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

const program = fileURLToPath(new URL('./process.ts', import.meta.url))

/** Starts the gateway, with at most so many kB for each of its files. */
async function start(twilio: object, dies = '', most = ''): Promise<number> {
  const args = [program, join(folder, 'alder.db'), '0', JSON.stringify(twilio), dies]
  const limit = most === '' ? '' : `ulimit -f ${most}; `
  const shell = `${limit}trap '' XFSZ; exec "$0" --conditions=@prm/source "$@"`
  const started = spawn('bash', ['-c', shell, process.execPath, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  child = started
  for await (const line of started.stdout) {
    const port = /port (\d+)/.exec(String(line))?.[1]
    if (port) return Number(port)
  }
  throw new Error('The gateway did not start.')
}

async function stored(): Promise<number> {
  const store = sqlite({ file: join(folder, 'alder.db') })
  let facts = 0
  for await (const _ of store.scope('alder').find('interaction', { type: 'notice.mailed' })) facts++
  await store.close()
  return facts
}

test.each([
  ['before', 0],
  ['after', 1],
])(
  'killed %s the commit: the mail was not answered, and its retry is one text',
  { timeout: 60_000 },
  async (dies, facts) => {
    const simulator = await simulate()
    const twilio = { ...simulator.credentials, baseUrl: simulator.url }
    const first = await start(twilio, dies)
    const ended = once(child as ChildProcess, 'exit')
    await expect(sendAsKoha({ port: first }, hold)).rejects.toThrow()
    expect(await ended).toEqual([null, 'SIGKILL'])
    expect(await stored()).toBe(facts)

    const second = await start(twilio)
    expect(await sendAsKoha({ port: second }, hold)).toMatch(/^250 /)
    expect(await sendAsKoha({ port: second }, hold)).toMatch(/^250 /)
    await expect.poll(() => simulator.received().length).toBe(1)
    expect(simulator.received()[0]?.text).toBe(hold.text)
    await simulator.close()
  },
)

test('on a full disk mail is put off, not lost, and taken when there is room', { timeout: 60_000 }, async () => {
  const simulator = await simulate()
  const twilio = { ...simulator.credentials, baseUrl: simulator.url }
  // What the schema takes, and room for some mails.
  const port = await start(twilio, 'never', '1200')
  const mail = (n: number) => ({ ...hold, messageId: `<${n}@koha.example>`, text: `${n} ${'x'.repeat(100_000)}` })
  const answers: number[] = []
  for (let n = 0; n < 16; n++)
    answers.push(
      await sendAsKoha({ port }, mail(n)).then(
        () => 250,
        ({ responseCode }) => responseCode,
      ),
    )
  expect(new Set(answers)).toEqual(new Set([250, 451]))
  child?.kill('SIGKILL')
  await once(child as ChildProcess, 'exit')
  expect(await stored()).toBe(answers.filter((answer) => answer === 250).length)

  const second = await start(twilio, 'never')
  for (let n = 0; n < 16; n++) expect(await sendAsKoha({ port: second }, mail(n))).toMatch(/^250 /)
  expect(await stored()).toBe(16)
  await simulator.close()
})
