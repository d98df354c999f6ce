import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { simulate, type TwilioSimulator } from '@prm/twilio/simulator'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bin, folder, prm, sample, start } from './harness.ts'

let simulator: TwilioSimulator
let cwd: string
beforeEach(async () => {
  simulator = await simulate({ latencyMs: 8_000 })
  cwd = folder(sample(simulator.credentials, simulator.url, { more: "listen: { port: 0, host: '127.0.0.1' }" }))
})
afterEach(() => simulator.close())

const send = ['send', '+12125550142', '--purpose', 'notices', '--text', 'Hello', '--key', 'k1']

test('Ctrl-C once lets the call that has begun come to its end, and ends with 130', async () => {
  const sending = start(send, { cwd })
  await begun()
  sending.kill('SIGINT')
  const { code, signal, err } = await sending.ended
  expect({ code, signal }).toEqual({ code: 130, signal: null })
  expect(err).toContain('Stopping: what has begun is finished first. Once more ends it at once.\n')
  expect(simulator.received()).toHaveLength(1)
  expect((await prm(['explain', 'k1'], { cwd })).out).toContain('Now: accepted')
})

test('Ctrl-C twice ends at once, with 130, and what was under way is not lost', async () => {
  const sending = start(send, { cwd })
  await begun()
  sending.kill('SIGINT')
  await sending.says('Stopping', 'err')
  const at = performance.now()
  sending.kill('SIGINT')
  expect(await sending.ended).toMatchObject({ code: 130, signal: null, out: '' })
  expect(performance.now() - at).toBeLessThan(4_000)
  expect((await prm(['explain', 'k1'], { cwd })).out).toContain('To be sent by sms')
})

/** The message is decided, and its call soon under way. */
async function begun(): Promise<void> {
  await expect.poll(async () => (await prm(['explain', 'k1'], { cwd })).code, { timeout: 60_000 }).toBe(0)
  await new Promise((resolve) => setTimeout(resolve, 500))
}

test('a closed terminal ends it gracefully: SIGHUP with 129', async () => {
  const running = start(['run'], { cwd })
  await running.says('http://')
  running.kill('SIGHUP')
  expect(await running.ended).toMatchObject({ code: 129, signal: null })
})

test('nobody reads the output any more: it ends with 141, and says nothing of it', async () => {
  const rows = join(cwd, 'many.ts')
  writeFileSync(
    rows,
    `import config from './prm.config.ts'
const [prm] = config.libraries
const who = (n) => ({ scheme: 'tel', value: '+1212555' + (1000 + n) })
await prm.record(Array.from({ length: 3000 }, (_, n) => ({ key: 'm' + n, type: 'message.received', source: 'sms', who: who(n), data: { content: { text: 'x'.repeat(100) } } })))
await prm.close()
`,
  )
  const made = spawn(process.execPath, ['--conditions=@prm/source', rows], { cwd, stdio: 'ignore' })
  expect(await once(made, 'close')).toEqual([0, null])
  const child = spawn(process.execPath, ['--conditions=@prm/source', bin, 'export'], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let err = ''
  child.stderr.on('data', (bytes) => (err += bytes))
  await once(child.stdout, 'data')
  child.stdout.destroy()
  expect(await once(child, 'close')).toEqual([141, null])
  expect(err).toBe('')
})

test('under npx, which passes no signal on, the end of its parent ends it', async () => {
  // As npx does it: a shell, whose child is the command.
  const line = `"${process.execPath}" --conditions=@prm/source "${bin}" simulate twilio; true`
  const env = { PATH: process.env.PATH, npm_lifecycle_event: 'npx' }
  const shell = spawn('sh', ['-c', line], { cwd, env, stdio: ['ignore', 'pipe', 'ignore'] })
  let out = ''
  shell.stdout.on('data', (bytes) => (out += bytes))
  await expect.poll(() => out, { timeout: 60_000 }).toContain('TWILIO_BASE_URL=')
  shell.kill('SIGKILL')
  await once(shell, 'close') // once nobody has the pipe any more
  await expect(fetch(out.split('\n', 1)[0] ?? '')).rejects.toThrow()
})
