import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

export const bin: string = fileURLToPath(new URL('../bin/prm.js', import.meta.url))
const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url))

const folders: string[] = []
afterAll(() => {
  for (const one of folders.splice(0)) rmSync(one, { recursive: true, force: true })
})

export interface Ran {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
  /** Standard output as JSON lines. */
  readonly lines: readonly Line[]
}
// biome-ignore lint/suspicious/noExplicitAny: each command prints its own shape, and the tests say which
export type Line = any

export interface Started {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  readonly ended: Promise<Ran>
  kill(signal: NodeJS.Signals): void
  /** What it has said so far. */
  text(): { readonly out: string; readonly err: string }
  /** Resolves once this stands on standard output, or on standard error. */
  says(text: string | RegExp, from?: 'out' | 'err'): Promise<void>
}

export interface How {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Starts the real binary, in a process of its own, without a terminal. */
export function start(args: readonly string[], { cwd = folder(), env = {} }: How = {}): Started {
  const child = spawn(process.execPath, ['--conditions=@prm/source', bin, ...args], {
    cwd,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, HOME: cwd, TZ: 'UTC', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const text = { out: '', err: '' }
  const waiting = new Set<() => void>()
  const hear = (from: 'out' | 'err') => (bytes: Buffer) => {
    text[from] += bytes
    for (const look of waiting) look()
  }
  child.stdout.on('data', hear('out'))
  child.stderr.on('data', hear('err'))
  const ended = new Promise<Ran>((resolve) => {
    child.once('close', (code, signal) => {
      const lines = text.out.trim().split('\n').flatMap(parsed)
      resolve({ code, signal, ...text, lines })
    })
  })
  const says = (wanted: string | RegExp, from: 'out' | 'err' = 'out'): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (typeof wanted === 'string' ? text[from].includes(wanted) : wanted.test(text[from])) resolve()
      }
      waiting.add(look)
      look()
      void ended.then(() => reject(new Error(`It ended without saying ${wanted}:\n${text.out}\n${text.err}`)))
    })
  return { child, ended, says, text: () => ({ ...text }), kill: (signal) => void child.kill(signal) }
}

function parsed(line: string): readonly Line[] {
  try {
    return [JSON.parse(line)]
  } catch {
    return []
  }
}

export const prm = (args: readonly string[], how?: How): Promise<Ran> => start(args, how).ended

/** An empty folder in which the packages are found as a project finds them. */
export function folder(config?: string): string {
  const made = mkdtempSync(join(tmpdir(), 'prm-cli-'))
  folders.push(made)
  symlinkSync(modules, join(made, 'node_modules'), 'dir')
  if (config !== undefined) writeFileSync(join(made, 'prm.config.ts'), config)
  return made
}

/** Where it is noon now. */
export function noonZone(): string {
  const hours = 12 - new Date().getUTCHours()
  return hours === 0 ? 'UTC' : `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`
}

export interface Sample {
  readonly url?: string
  readonly more?: string
  readonly quiet?: boolean
}

/** A config on a simulator of Twilio. */
export function sample(
  credentials: { readonly accountSid: string; readonly authToken: string; readonly from: string },
  baseUrl: string,
  { url, more = '' }: Sample = {},
): string {
  return `
import { config } from '@prm/cli'
import { createPrm } from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
import { twilio } from '@prm/twilio'
import { join } from 'node:path'

const prm = createPrm({
  library: { id: 'springfield', name: 'Springfield Library', timeZone: 'UTC', locale: 'en', region: 'US' },
  adapters: {
    sms: twilio({ ...${JSON.stringify(credentials)}, baseUrl: '${baseUrl}', price: { micros: 8300, currency: 'USD' } }),
  },
  store: sqlite({ file: join(import.meta.dirname, 'prm.db') }),
  purposes: {
    news: { basis: 'consent', class: 'promotional', media: ['sms'] },
    notices: { basis: 'service', class: 'service', media: ['sms'] },
  },${url ? `\n  publicUrl: '${url}',` : ''}
})
export default config({ libraries: [prm], outreach: { key: 'k'.repeat(32) }${more ? `, ${more}` : ''} })
`
}
