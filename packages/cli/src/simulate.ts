import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PrmError, type Simulator } from '@prm/core'
import type { Command } from 'commander'
import { act, examples, type Shell } from './command.ts'
import { price } from './init.ts'
import type { Stopped } from './signals.ts'

interface Options {
  readonly port?: string
  readonly set?: readonly string[]
}

/** `simulate NAME`: a vendor on this machine, for a try without an account. */
export function simulate(program: Command, shell: Shell): void {
  const command = program
    .command('simulate')
    .summary('a vendor on this machine, for a try without an account')
    .description(
      'Starts the simulator of an adapter on this machine, until it is stopped. It prints its URL first, then what the environment of prm needs to reach it. Credentials that are set in the environment, or in .env, are its own; else those that it is called with first. It charges what a new config says that a part costs.',
    )
    .argument('<name>', 'twilio for @prm/twilio, or the whole name of a package')
    .option('--port <number>', 'this port; any free one unless said')
    .option('--set <name=value>', 'an option of the simulator, such as status=undelivered', collect)
  examples(
    command,
    ['prm simulate twilio', 'prints http://127.0.0.1:… and TWILIO_… lines'],
    ['prm simulate twilio --port 4010 --set delayMs=500', 'half a second between one state and the next'],
  )
  act<Options>(shell, command, async (io, options, name = '') => {
    const environment = join(shell.cwd, '.env')
    if (existsSync(environment)) process.loadEnvFile(environment)
    const { start, prefix } = await simulatorOf(name, shell.cwd)
    const own = given(prefix)
    // Without credentials it takes those that it is called with first.
    const firstComer = Object.keys(own).length === 0
    const simulator = await start({ firstComer, price, ...own, ...settings(options) })
    const variables = Object.entries({ ...simulator.credentials, baseUrl: simulator.url }).map(
      ([field, value]) => [`${prefix}${constant(field)}`, String(value)] as const,
    )
    if (io.json) io.line(JSON.stringify({ url: simulator.url, environment: Object.fromEntries(variables) }))
    else {
      io.line(simulator.url)
      for (const [variable, value] of variables) io.line(`${variable}=${value}`)
    }
    io.aside('It runs until it is stopped, and takes messages that go nowhere.')
    if (!shell.signal.aborted) await once(shell.signal, 'abort')
    await simulator.close()
    const { exit } = shell.signal.reason as Stopped
    return exit === 143 ? 0 : exit // SIGTERM is how it is meant to end
  })
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

type Start = (options: { readonly [name: string]: unknown }) => Promise<Simulator>

/** From the folder where it was typed, else from what came with this command. */
async function simulatorOf(name: string, cwd: string): Promise<{ start: Start; prefix: string }> {
  const whole = /^[\w-]+$/.test(name) ? `@prm/${name}` : name
  const prefix = `${constant(name.replace(/^.*\/(prm-)?/, '').replaceAll('-', '_'))}_`
  for (const from of [pathToFileURL(join(cwd, 'package.json')).href, import.meta.url]) {
    const found = resolved(`${whole}/simulator`, from)
    if (found === undefined) continue
    const { simulate: start } = (await import(found)) as { readonly simulate?: Start }
    if (start) return { start, prefix }
  }
  throw new PrmError('not_found', `There is no simulator in ${whole} here. npm install ${whole}, if it has one.`, {
    field: 'NAME',
  })
}

/** Nothing where there is no such package, or where it has no simulator. One that is broken is `config`. */
function resolved(name: string, from: string): string | undefined {
  try {
    return pathToFileURL(createRequire(from).resolve(name)).href
  } catch (error) {
    const { code, message, path } = error as NodeJS.ErrnoException
    // With a path it is a file that the package names and has not, as where it was not built.
    if ((code === 'MODULE_NOT_FOUND' && path === undefined) || code === 'ERR_PACKAGE_PATH_NOT_EXPORTED')
      return undefined
    throw new PrmError('config', `${name} cannot be found: ${message}`, { field: 'NAME', cause: error })
  }
}

/** What the environment says of its credentials: both sides are set by the same variables. */
function given(prefix: string): { readonly [name: string]: string } {
  const found = Object.entries(process.env).flatMap(([variable, value]) => {
    if (!variable.startsWith(prefix) || !value || /_(BASE_)?URL$/.test(variable)) return []
    return [[camel(variable.slice(prefix.length)), value] as const]
  })
  return Object.fromEntries(found)
}

function settings({ port, set = [] }: Options): { readonly [name: string]: unknown } {
  const pairs = set.map((pair) => {
    const [, name, value] = /^(\w+)=(.*)$/.exec(pair) ?? []
    if (!name || value === undefined) throw new PrmError('invalid', '--set takes name=value.', { field: '--set' })
    return [name, plain(value)] as const
  })
  if (port !== undefined && !/^\d{1,5}$/.test(port))
    throw new PrmError('invalid', '--port takes a port.', { field: '--port' })
  return { ...Object.fromEntries(pairs), ...(port !== undefined && { port: Number(port) }) }
}

/** A number, a list or a yes as such; all else is a text. */
function plain(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

const constant = (name: string): string => name.replace(/[A-Z]/g, (one) => `_${one}`).toUpperCase()
const camel = (name: string): string => name.toLowerCase().replace(/_(\w)/g, (_, one: string) => one.toUpperCase())
