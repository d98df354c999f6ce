import { userInfo } from 'node:os'
import { type Actor, type Adapters, type Prm, PrmError } from '@prm/core'
import type { Command } from 'commander'
import { type AnyPrm, type Config, loadConfig } from './config.ts'
import type { Stopped } from './signals.ts'
import { type Terminal, terminal } from './terminal.ts'

/** What every command is given, whatever its own options are. */
export interface Shared {
  readonly config?: string
  readonly library?: string
  readonly json?: boolean
}

/** The process around a command: where it was typed, and when it is to stop. */
export interface Shell {
  readonly cwd: string
  readonly signal: AbortSignal
  /** What the process ends with. */
  code: number
}

/** Answers 0 for done, 1 for refused or some bad. What it throws says why nothing could be run. */
export type Act<O> = (io: Terminal, options: O & Shared, ...args: string[]) => Promise<number>

/** Lets a command do this when it is called. */
export function act<O>(shell: Shell, command: Command, run: Act<O>): Command {
  return command.action(async (...given: unknown[]) => {
    const self = given.at(-1) as Command
    const options = self.optsWithGlobals<O & Shared>()
    shell.code = await run(terminal(options.json === true, shell.signal), options, ...(given.slice(0, -2) as string[]))
  })
}

/** Text below the options: what to type, and what it does. */
export function examples(command: Command, ...lines: readonly (readonly [typed: string, does: string])[]): Command {
  const text = lines.map(([typed, does]) => `  $ ${folded(typed)}\n      ${does}`).join('\n')
  return command.addHelpText('after', `\nExamples:\n${text}`)
}

/** A long line is broken before an option, as a shell takes it. */
function folded(typed: string): string {
  const lines = ['']
  for (const part of typed.split(/ (?=--)/)) {
    const last = lines.at(-1) ?? ''
    if (last === '') lines[lines.length - 1] = part
    else if (last.length + part.length < 70) lines[lines.length - 1] = `${last} ${part}`
    else lines.push(part)
  }
  return lines.join(' \\\n      ')
}

/** Who does it: the login name. */
export function login(): string {
  try {
    return userInfo().username
  } catch {
    return 'somebody' // an account without an entry, as in some containers
  }
}

export interface Opened {
  readonly config: Config
  readonly file: string
  /** Each host, acting as whoever typed the command. */
  readonly libraries: readonly AnyPrm[]
  close(): Promise<void>
}

/** Nothing was begun yet, and a config that hangs is no reason to stay. */
function leaving<R>(signal: AbortSignal, work: Promise<R>): Promise<R> {
  const leave = (): void => process.exit((signal.reason as Stopped).exit)
  signal.addEventListener('abort', leave)
  return work.finally(() => signal.removeEventListener('abort', leave))
}

/** Loads the config, and the hosts that it makes. */
export async function open(shell: Shell, options: Shared): Promise<Opened> {
  const { config, file } = await leaving(shell.signal, loadConfig(options.config, shell.cwd))
  const by: Actor = { kind: 'staff', id: login() }
  const chosen = config.libraries.filter((prm) => !options.library || prm.options.library.id === options.library)
  if (chosen.length === 0)
    throw new PrmError('config', `There is no library "${options.library}" in ${file}; there are ${idsOf(config)}.`)
  return {
    config,
    file,
    libraries: chosen.map((prm) => (prm as AnyPrm).as(by)),
    async close() {
      for (const prm of config.libraries) await prm.close()
    },
  }
}

/** Opens the one library that is meant, and closes it after the work. */
export async function withOne<R>(
  shell: Shell,
  options: Shared,
  work: (prm: Prm<Adapters, string, string, string>, opened: Opened) => Promise<R>,
): Promise<R> {
  const opened = await open(shell, options)
  try {
    const [prm, ...others] = opened.libraries
    if (!prm || others.length > 0)
      throw new PrmError('config', `Which library? Name one with --library: ${idsOf(opened.config)}.`)
    return await work(prm, opened)
  } finally {
    await opened.close()
  }
}

function idsOf(config: Config): string {
  return config.libraries.map((prm) => prm.options.library.id).join(', ')
}
