import { spawn, spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import type { Contend } from '../place.ts'

/** Whether there is a Redis server to start: on the PATH, or where REDIS_SERVER says. */
export function found(): boolean {
  return spawnSync(server, ['--version']).status === 0
}

const server = process.env.REDIS_SERVER ?? 'redis-server'

/** A Redis of its own, which writes each second what it was told: BullMQ's own advice. */
export const contend: Contend<{ readonly folder: string }, object> = async ({ folder }, life) => {
  const port = await freePort()
  const settings = { port, dir: folder, appendonly: 'yes', appendfsync: 'everysec', 'maxmemory-policy': 'noeviction' }
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, `${value}`])
  const redis = spawn(server, [...args, '--save', ''], { stdio: ['ignore', 'pipe', 'inherit'] })
  process.once('exit', () => redis.kill())
  const gone = new Promise((resolve) => redis.once('exit', resolve))
  await new Promise<void>((ready, fail) => {
    redis.stdout.on('data', (said: Buffer) => said.includes('Ready to accept connections') && ready())
    redis.once('exit', (code) => fail(new Error(`${server} ended with ${code}.`)))
  })
  await life.ready(port)
  redis.kill()
  await gone
  return {}
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done))
  const { port } = probe.address() as { port: number }
  await new Promise((done) => probe.close(done))
  return port
}
