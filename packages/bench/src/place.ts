import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/*
 * Each contender runs in a process of its own, so that none warms up, fills or slows another's heap, and its memory and CPU
 * are its own.
 */

/** What a contender's module exports as `contend`: what it measured, or a server that is measured until it is stopped. */
export type Contend<Task, Result> = (task: Task, life: Life) => Promise<Result>
export interface Life {
  /** Tells who started this that it is ready, with what they need to reach it, and waits until it is to stop. */
  ready(value?: unknown): Promise<void>
}

/** What every process also used. */
export interface Used {
  readonly peakMb: number
}

/** `BENCH_NODE_FLAGS='--cpu-prof --cpu-prof-dir=…'` profiles every contender. */
export async function contend<Result>(
  module: string,
  task: object,
  env: NodeJS.ProcessEnv = {},
): Promise<Result & Used> {
  return (await begin(module, task, env).said('result')) as Result & Used
}

export interface Running<Ready, Result> {
  readonly value: Ready
  stop(): Promise<Result & Used>
}

/** A contender that goes on until it is stopped: a server. */
export async function running<Ready, Result = object>(module: string, task: object): Promise<Running<Ready, Result>> {
  const child = begin(module, task)
  const value = (await child.said('ready')) as Ready
  return {
    value,
    async stop() {
      const result = child.said('result')
      child.process.send('stop')
      return (await result) as Result & Used
    },
  }
}

/** One that is to be killed. `failed` rejects if it ends before. */
export function begun(
  module: string,
  task: object,
  env: NodeJS.ProcessEnv,
): { readonly failed: Promise<never>; kill(): Promise<void> } {
  const child = begin(module, task, env)
  const gone = new Promise<string>((resolve) =>
    child.process.once('exit', (code, signal) => resolve(`${code ?? signal}`)),
  )
  let killed = false
  const failed = gone.then((how) => {
    if (killed) return new Promise<never>(() => {})
    throw new Error(`${module} ended with ${how}.`)
  })
  return {
    failed,
    async kill() {
      killed = true
      child.process.kill('SIGKILL')
      await gone
    },
  }
}

/** Our packages as they are published, unless this runs on their sources itself. */
const sources = process.execArgv.filter((flag) => flag.startsWith('--conditions'))

function begin(
  module: string,
  task: object,
  env: NodeJS.ProcessEnv = {},
): { process: ChildProcess; said(what: 'ready' | 'result'): Promise<unknown> } {
  const script = fileURLToPath(new URL('child.ts', import.meta.url))
  const child = fork(script, [module, JSON.stringify(task)], {
    execArgv: [...sources, ...(process.env.BENCH_NODE_FLAGS?.split(' ').filter(Boolean) ?? [])],
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return {
    process: child,
    said: (what) =>
      new Promise((resolve, reject) => {
        child.on('message', (message: { readonly [key: string]: unknown }) => {
          if (what in message) resolve(message[what])
        })
        // Not at its exit, which may be seen before the last of what it said.
        child.once('disconnect', () => reject(new Error(`${module} ended before it said its ${what}.`)))
      }),
  }
}

/** A folder that is gone afterwards. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'prm-bench-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
