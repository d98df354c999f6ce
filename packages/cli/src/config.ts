import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Adapters, type Prm, PrmError } from '@prm/core'

/** What `createPrm` makes, of whatever adapters, purposes and templates: a `Send` of fewer purposes is not a `Send`. */
export type Host = Pick<
  AnyPrm,
  'adapters' | 'options' | 'handle' | 'run' | 'explain' | 'patrons' | 'deadLetters' | 'close'
>

/** Inside, their names are plain texts. */
export type AnyPrm = Prm<Adapters, string, string, string>

/** What `prm.config.ts` exports by default. */
export interface Config {
  /** One host for each library, made by `createPrm`. Several may share a store. */
  readonly libraries: readonly Host[]
  readonly outreach?: {
    /** Signs approvals of plans: whoever has it can approve. 32 characters or more. */
    readonly key: string
  }
  /** Where `prm run` takes webhooks: port 8080 of all interfaces unless said. */
  readonly listen?: { readonly port?: number; readonly host?: string }
  readonly carrier?: Carrier
}

/** What United States carriers ask of whoever texts. `prm doctor` reads it; nothing is sent to a carrier. */
export interface Carrier {
  /** The 10DLC brand as the provider names it, such as `BN…` at Twilio. */
  readonly brand?: string
  /** The 10DLC campaign, such as `QE…` at Twilio. */
  readonly campaign?: string
  /** The verification of a toll-free number, such as `HH…` at Twilio. */
  readonly tollFree?: string
  /** The sample texts as they were registered. */
  readonly samples?: readonly string[]
  /** The public page that says what the library does with numbers. */
  readonly privacy?: string
}

/** Types a config, and gives it back. A function is called when a command needs it. */
export function config<C extends Config | (() => Config | Promise<Config>)>(made: C): C {
  return made
}

/** A variable of the environment, or of the file `.env` beside the config. Throws `config` naming it where it is missing. */
export function env(name: string, otherwise?: string): string {
  const value = process.env[name] || otherwise
  if (value === undefined)
    throw new PrmError(
      'config',
      `${name} is not set. Set it in the environment, or in the file .env beside the config.`,
      {
        field: name,
      },
    )
  return value
}

const names = ['prm.config.ts', 'prm.config.mts', 'prm.config.js', 'prm.config.mjs'] as const

/** Loads the config as Node does, without a build. Throws `config` naming the file, and the field or line. */
export async function loadConfig(given: string | undefined, cwd: string): Promise<{ config: Config; file: string }> {
  const file = given === undefined ? names.map((name) => join(cwd, name)).find(existsSync) : resolve(cwd, given)
  if (file === undefined)
    throw new PrmError(
      'config',
      `There is no prm.config.ts in ${cwd}. prm init makes one; --config FILE names another.`,
    )
  if (!existsSync(file)) throw new PrmError('config', `There is no file ${file}, which --config names.`)
  const shown = relative(cwd, file) || file
  const environment = join(dirname(file), '.env')
  if (existsSync(environment)) process.loadEnvFile(environment)
  let made: unknown
  try {
    const module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown }
    if (!('default' in module)) throw wrong(shown, 'default', 'there is no `export default config({ … })`')
    made = typeof module.default === 'function' ? await module.default() : await module.default
  } catch (error) {
    throw explained(error, file, shown)
  }
  return { config: checked(made, shown), file }
}

function wrong(file: string, field: string, why: string): PrmError {
  return new PrmError('config', `${file}: ${field}: ${why}.`, { field })
}

/** What was thrown while the config was loaded: which file, and where in it. */
function explained(error: unknown, file: string, shown: string): PrmError {
  if (PrmError.is(error) && error.message.startsWith(`${shown}: `)) return error as PrmError
  if (!(error instanceof Error)) return new PrmError('config', `${shown} threw ${String(error)}, which is no error.`)
  const { code } = error as NodeJS.ErrnoException
  const place = placeIn(error.stack ?? '', file)
  const at = place ? `${shown}:${place}` : shown
  if (code === 'ERR_MODULE_NOT_FOUND')
    return new PrmError('config', `${at}: ${error.message} Install what is missing with npm.`, { cause: error })
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
    return new PrmError('config', `${at}: this Node (${process.versions.node}) does not read TypeScript by itself.`, {
      cause: error,
    })
  const field = PrmError.is(error) ? error.field : undefined
  return new PrmError('config', `${at}: ${error.message}`, { cause: error, ...(field !== undefined && { field }) })
}

/** The line and column where the stack first meets the file. */
function placeIn(stack: string, file: string): string | undefined {
  for (const name of [pathToFileURL(file).href, file]) {
    const [, place] =
      stack.split(`${name}:`, 2).length > 1 ? (/^(\d+(?::\d+)?)/.exec(stack.split(`${name}:`)[1] ?? '') ?? []) : []
    if (place) return place
  }
  return undefined
}

// ── what it says ─────────────────────────────────────────────────────────────────────────────

const known = ['libraries', 'outreach', 'listen', 'carrier']
const leastKey = 32

/** How a config comes to a key that signs approvals. */
export const keyHint =
  "make one with node -p \"require('node:crypto').randomBytes(32).toString('base64url')\", put it into .env as PRM_APPROVAL_KEY=…, and write outreach: { key: env('PRM_APPROVAL_KEY') } in the config"

function checked(made: unknown, file: string): Config {
  if (!isObject(made)) throw wrong(file, 'default', 'an object such as config({ libraries: [prm] }) was expected')
  const stranger = Object.keys(made).find((key) => !known.includes(key))
  if (stranger !== undefined) throw wrong(file, stranger, `no such setting; there are ${known.join(', ')}`)
  const { libraries, outreach, listen, carrier } = made
  if (!Array.isArray(libraries) || libraries.length === 0)
    throw wrong(file, 'libraries', 'a list of at least one host was expected, as createPrm makes it')
  const ids = new Set<string>()
  for (const [index, one] of libraries.entries()) {
    const library = isObject(one) && isObject(one.options) ? one.options.library : undefined
    if (!isObject(library) || typeof (one as AnyPrm).send !== 'function')
      throw wrong(file, `libraries[${index}]`, 'a host was expected, as createPrm makes it')
    const id = String(library.id)
    if (ids.has(id)) throw wrong(file, `libraries[${index}]`, `there are two hosts of the library "${id}"`)
    ids.add(id)
  }
  if (outreach !== undefined) {
    if (!isObject(outreach) || typeof outreach.key !== 'string' || outreach.key.length < leastKey)
      throw wrong(file, 'outreach.key', `a text of ${leastKey} characters or more was expected: ${keyHint}`)
  }
  if (listen !== undefined) {
    const { port } = isObject(listen) ? listen : { port: -1 }
    if (port !== undefined && !(Number.isInteger(port) && Number(port) >= 0 && Number(port) < 65_536))
      throw wrong(file, 'listen.port', 'a port from 0 to 65535 was expected')
  }
  if (carrier !== undefined && !isObject(carrier)) throw wrong(file, 'carrier', 'an object was expected')
  return made as unknown as Config
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
