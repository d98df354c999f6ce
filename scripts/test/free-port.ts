import { createServer } from 'node:net'
import { threadId } from 'node:worker_threads'

let last = 10_000 + ((process.pid * 8 + threadId) % 1_000) * 20

/** A port that is free, for a program that must be told one: below those that the system gives, so that nobody gets it meanwhile. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = ++last
    const probe = createServer()
    const free = await new Promise<boolean>((resolve) =>
      probe.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true)),
    )
    if (!free) continue
    await new Promise((resolve) => probe.close(resolve))
    return port
  }
}
