import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { simulate, type TwilioSimulator } from '@prm/twilio/simulator'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bin, folder, prm, sample, start } from './harness.ts'

let simulator: TwilioSimulator
let gate: Server
let called: PromiseWithResolvers<void>
let opened: PromiseWithResolvers<void>
let cwd: string
beforeEach(async () => {
  simulator = await simulate()
  called = Promise.withResolvers()
  opened = Promise.withResolvers()
  // A call is under way from when it comes here until the gate is opened.
  gate = createServer(async (request, response) => {
    called.resolve()
    await opened.promise
    const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers as Record<string, string>
    const body = Buffer.concat(await request.toArray())
    const { method = 'GET', url = '' } = request
    const answer = await fetch(`${simulator.url}${url}`, { method, headers, ...(body.length > 0 && { body }) })
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
    response.end(await answer.text())
  }).listen(0, '127.0.0.1')
  await once(gate, 'listening')
  const url = `http://127.0.0.1:${(gate.address() as AddressInfo).port}`
  cwd = folder(sample(simulator.credentials, url, { more: "listen: { port: 0, host: '127.0.0.1' }" }))
})
afterEach(async () => {
  gate.close()
  gate.closeAllConnections()
  await simulator.close()
})

const send = ['send', '+12125550142', '--purpose', 'notices', '--text', 'Hello', '--key', 'k1']

test('Ctrl-C once lets the call that has begun come to its end, and ends with 130', async () => {
  const sending = start(send, { cwd })
  await called.promise
  sending.kill('SIGINT')
  await sending.says('Stopping', 'err')
  opened.resolve()
  const { code, signal, err } = await sending.ended
  expect({ code, signal }).toEqual({ code: 130, signal: null })
  expect(err).toContain('Stopping: what has begun is finished first. Once more ends it at once.\n')
  expect(simulator.received()).toHaveLength(1)
  expect((await prm(['explain', 'k1'], { cwd })).out).toContain('Now: accepted')
})

test('Ctrl-C twice ends at once, with 130, and what was under way is not lost', async () => {
  const sending = start(send, { cwd })
  await called.promise
  sending.kill('SIGINT')
  await sending.says('Stopping', 'err')
  sending.kill('SIGINT')
  expect(await sending.ended).toMatchObject({ code: 130, signal: null, out: '' })
  const { out } = await prm(['explain', 'k1'], { cwd })
  expect(out).toContain('To be sent by sms')
  // A call that was waited for would have come to its own end: nobody opened the gate.
  expect(out).not.toContain('unknown')
})

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
