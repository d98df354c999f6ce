import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { type Gate, gate } from './gate.ts'
import type { Account } from './provider.ts'

export interface Worker {
  readonly gate: Gate
  /** Resolves when it has opened the store and begins. */
  readonly began: Promise<unknown>
  kill(): Promise<void>
  /** It loses this many milliseconds, as a machine does that is put to sleep. */
  pause(ms: number): Promise<void>
  /** Asks it to end. */
  end(): Promise<void>
}

export interface Crew {
  readonly workers: readonly Worker[]
  /** Puts one in this one's place. */
  replace(worker: Worker): Promise<void>
  /** Kills all, does this, and lets as many begin anew. */
  without(work: () => Promise<void>): Promise<void>
  end(): Promise<void>
  close(): Promise<void>
}

/** Workers of this script, and one more that has its code loaded and waits: a replacement begins at once. */
export async function crew(
  entry: 'worker' | 'outreach-worker',
  folder: string,
  size: number,
  task: { readonly account: Account; readonly [name: string]: unknown },
  slow: () => number,
  onAccepted: () => void,
): Promise<Crew> {
  const script = join(folder, 'worker.mjs')
  await bundle(entry, script)
  const gates = await Promise.all(Array.from({ length: size }, () => gate(task.account.baseUrl, slow)))
  for (const one of gates) one.on('accepted', onAccepted)
  const cache = join(folder, 'cache')
  let spare = ready(script, cache)
  const begin = (at: Gate): Worker => {
    const child = spare
    spare = ready(script, cache)
    return worker(child, at, { ...task, account: { ...task.account, baseUrl: at.url } })
  }
  const workers = gates.map(begin)
  return {
    workers,
    async replace(worker) {
      await worker.kill()
      workers.splice(workers.indexOf(worker), 1, begin(worker.gate))
    },
    async without(work) {
      await Promise.all(workers.map((worker) => worker.kill()))
      await work()
      workers.splice(0, size, ...gates.map(begin))
    },
    end: async () => void (await Promise.all(workers.map((worker) => worker.end()))),
    async close() {
      spare.kill('SIGKILL')
      await Promise.all(workers.map((worker) => worker.kill()))
      await Promise.all(gates.map((one) => one.close()))
    },
  }
}

/** One file of JavaScript: to read a hundred of TypeScript takes longer than most workers live. */
async function bundle(entry: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL(`${entry}.ts`, import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    conditions: ['@prm/source'],
    external: ['pg-native'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  })
}

function ready(script: string, cache: string): ChildProcess {
  return fork(script, [], { execArgv: [], env: { ...process.env, NODE_COMPILE_CACHE: cache } })
}

function worker(child: ChildProcess, at: Gate, task: object): Worker {
  const ended = once(child, 'exit')
  let expected = false
  child.once('exit', (code, signal) => {
    if (!expected) throw new Error(`A worker ended by itself, with ${code ?? signal}.`)
  })
  child.send(task)
  return {
    gate: at,
    began: once(child, 'message'),
    async kill() {
      expected = true
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await ended
    },
    async pause(ms) {
      child.kill('SIGSTOP')
      await new Promise((resolve) => setTimeout(resolve, ms))
      child.kill('SIGCONT')
    },
    async end() {
      expected = true
      child.send('end')
      const [code] = await ended
      if (code !== 0) throw new Error(`A last worker ended with ${code}.`)
    },
  }
}
