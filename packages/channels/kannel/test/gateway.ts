import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../../../scripts/test/free-port.ts'

/** Debian's package `kannel`. */
const programs = ['/usr/sbin/bearerbox', '/usr/sbin/smsbox'] as const
export const installed: boolean = programs.every((program) => existsSync(program))

export interface Gateway {
  readonly baseUrl: string
  /** Connects the operator's side, as Kannel's `fakesmsc` does: one line a message, `from to text words`. */
  smsc(): Promise<Smsc>
  close(): Promise<void>
}
export interface Smsc {
  readonly lines: readonly string[]
  says(line: string): void
  close(): void
}

/** The gateway itself on loopback, with the configuration of the README. */
export async function gateway(own: { url: string; password: string; secret: string }): Promise<Gateway> {
  const [admin, box, smscPort, sendsms] = [await freePort(), await freePort(), await freePort(), await freePort()]
  const folder = mkdtempSync(join(tmpdir(), 'prm-kannel-'))
  const readme = readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8')
  const [, groups = ''] = /```text\n([\s\S]*?)```/.exec(readme) ?? []
  const configured = groups
    .replace('https://library.example/prm/sms', own.url)
    .replace('PASSWORD', own.password)
    .replace('SECRET', own.secret)
  const config = join(folder, 'kannel.conf')
  writeFileSync(
    config,
    `group = core
admin-port = ${admin}
admin-password = ${own.password}
admin-deny-ip = "*.*.*.*"
admin-allow-ip = "127.0.0.1"
smsbox-port = ${box}
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
dlr-storage = internal
sms-outgoing-queue-limit = 2
log-file = "${join(folder, 'bearerbox.log')}"

group = smsc
smsc = fake
smsc-id = fake
port = ${smscPort}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = ${sendsms}
mo-recode = true
http-request-retry = 3
http-queue-delay = 1
log-file = "${join(folder, 'smsbox.log')}"

${configured}`,
  )
  const running: ChildProcess[] = []
  const begin = async (program: string, port: number) => {
    running.push(spawn(program, [config], { cwd: folder, stdio: 'ignore' }))
    await until(() => reachable(port))
  }
  await begin(programs[0], box)
  await begin(programs[1], sendsms)
  const sockets: Socket[] = []
  return {
    baseUrl: `http://127.0.0.1:${sendsms}`,
    async smsc() {
      const lines: string[] = []
      const socket = connect(smscPort, '127.0.0.1')
      sockets.push(socket)
      let rest = ''
      socket.on('error', () => undefined)
      socket.on('data', (bytes) => {
        const all = (rest + bytes.toString()).split('\n')
        rest = all.pop() ?? ''
        lines.push(...all)
      })
      await new Promise((done) => socket.once('connect', done))
      return { lines, says: (line) => void socket.write(`${line}\n`), close: () => socket.destroy() }
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      for (const one of running.toReversed()) {
        const ended = new Promise((done) => one.once('exit', done))
        one.kill('SIGKILL')
        await ended
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function reachable(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      done(true)
    })
    socket.once('error', () => done(false))
  })
}

export async function until(holds: () => boolean | Promise<boolean>, ms = 20_000): Promise<void> {
  for (const end = performance.now() + ms; !(await holds()); await new Promise((done) => setTimeout(done, 50)))
    if (performance.now() > end) throw new Error(`It did not come to hold in ${ms} ms.`)
}
