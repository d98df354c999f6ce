import { spawn } from 'node:child_process'
import { mkdtempSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const bin = fileURLToPath(new URL('../../bin/prm.js', import.meta.url))
export const samples: string = fileURLToPath(new URL('../../../../examples/notice-to-sms/samples', import.meta.url))

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
  /** Standard output as JSON lines. */
  readonly lines: readonly Line[]
}
/** What --json prints; each line has one of these. */
export interface Line {
  readonly row?: {
    file: string
    line: number
    key: string
    phone: string | null
    card: string
    medium: string | null
    told?: true
    repaired?: true
    kind: string
    collectBy?: string
    due?: string
  }
  readonly contact?: object
  readonly bad?: { file: string; line: number; why: string }
  readonly decision?: {
    key: string
    about: readonly { key: string }[]
    outcome: { send: boolean; why?: string; notBefore?: string }
  }
  readonly message?: { key: string; to: { value: string }; units: number; state: string }
  readonly shadow?: {
    card?: string
    about?: readonly string[]
    ours?: { to?: string; at?: string; why?: string }
    vendor?: readonly string[]
    differs?: readonly string[]
    vendorOnly?: { id: string; place: string }
  }
  readonly beside?: { decisions: number; differ: number; vendorOnly: number }
  readonly switchOff?: readonly string[]
  readonly summary?: Record<
    'rows' | 'notice' | 'contact' | 'result' | 'report' | 'told' | 'bad' | 'decisions' | 'sent' | 'waiting',
    number
  > & { notSent: Record<string, number> }
}

export interface Started {
  readonly ended: Promise<Ran>
  kill(signal: NodeJS.Signals): void
  /** Resolves once this stands on standard output. */
  says(text: string): Promise<void>
}

/** Starts `prm notices`, in a process of its own. */
export function start(args: readonly string[], env: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, ['--conditions=@prm/source', bin, 'notices', ...args], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, INIT_CWD: tmpdir(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  const waiting = new Set<() => void>()
  child.stdout.on('data', (bytes) => {
    out += bytes
    for (const look of waiting) look()
  })
  child.stderr.on('data', (bytes) => {
    err += bytes
  })
  const ended = new Promise<Ran>((resolve) => {
    child.once('close', (code) => {
      const parsed = out.startsWith('{') ? out.trim().split('\n').filter(whole) : []
      resolve({ code, out, err, lines: parsed.map((line) => JSON.parse(line) as Line) })
    })
  })
  const says = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (out.includes(text)) resolve()
      }
      waiting.add(look)
      look()
      void ended.then(({ err }) => reject(new Error(`It ended without saying ${text}: ${err}`)))
    })
  return { ended, says, kill: (signal) => void child.kill(signal) }
}

/** A killed process may leave half a line. */
const whole = (line: string): boolean => line.endsWith('}')

export const run = (args: readonly string[], env?: Record<string, string>): Promise<Ran> => start(args, env).ended

export function folder(): string {
  return mkdtempSync(join(tmpdir(), 'prm-notices-'))
}

/** A file that has been at rest for a while, so that it is taken at once. */
export function put(folder: string, name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  utimesSync(path, new Date('2026-01-01'), new Date('2026-01-01'))
  return path
}

export const summaryOf = ({ lines, err }: Ran): NonNullable<Line['summary']> => {
  const summary = lines.at(-1)?.summary
  if (!summary) throw new Error(`No summary: ${err}`)
  return summary
}
