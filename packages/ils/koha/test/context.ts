import { inspect } from 'node:util'
import { type Address, type Context, PrmError } from '@prm/core'
import { expect, onTestFinished } from 'vitest'
import { type KohaSimulator, type SimulateOptions, simulate } from '../simulator/index.ts'
import { type Koha, type KohaConfig, koha } from '../src/index.ts'

export const now: Date = new Date('2026-11-24T15:00:00.000Z')
export const place: { currency: string; timeZone: string; region: string } = {
  currency: 'USD',
  timeZone: 'America/Chicago',
  region: 'US',
}

/** A context whose log must hold nothing of anybody. */
export function context(more: Partial<Context> = {}): Context & { readonly logged: unknown[] } {
  const logged: unknown[] = []
  return {
    id: 'koha',
    library: 'alder',
    url: 'https://library.example/prm/koha',
    signal: new AbortController().signal,
    now: () => now,
    log: (...entry) => logged.push(entry),
    ...more,
    logged,
  }
}

export interface Alder {
  readonly simulator: KohaSimulator
  readonly koha: Koha
  readonly ctx: Context
}

/** A Koha of this release, and the adapter that speaks to it; closed with the test. */
export async function alder(options: SimulateOptions = {}, config: Partial<KohaConfig> = {}): Promise<Alder> {
  const simulator = await simulate({ now: () => now, ...options })
  onTestFinished(() => simulator.close())
  const who = options.user === undefined ? simulator.credentials : { user: options.user, password: options.password }
  return { simulator, koha: koha({ ...who, ...place, baseUrl: simulator.url, ...config }), ctx: context() }
}

/** A Koha, or a proxy in front of it, that answers such calls, `GET …/patrons/1001`, with this status. */
export function breaking(at: RegExp, status = 500): typeof fetch {
  return async (...request) => {
    const asked = new Request(...request)
    return at.test(`${asked.method} ${asked.url}`) ? Response.json({ error: 'It broke.' }, { status }) : fetch(asked)
  }
}

export const both: readonly ['19.11', 'today'] = ['19.11', 'today']

export const id = (value: string | number): Address => ({ scheme: 'ils', realm: 'koha/id', value: String(value) })
export const card = (value: string): Address => ({ scheme: 'ils', realm: 'koha/card', value })
export const user = (value: string): Address => ({ scheme: 'ils', realm: 'koha/user', value })
export const tel = (value: string): Address => ({ scheme: 'tel', value })
export const mail = (value: string): Address => ({ scheme: 'mailto', value })

export async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const one of list) found.push(one)
  return found
}

/** What a promise throws, proved to hold none of these however deep one looks. */
export async function thrown(promise: Promise<unknown>, ...secrets: readonly string[]): Promise<PrmError> {
  const error = await promise.then(
    (value) => value,
    (error: unknown) => error,
  )
  if (!PrmError.is(error)) throw new Error(`Nothing of ours was thrown, but: ${inspect(error)}`, { cause: error })
  const all = inspect(error, { depth: 20, showHidden: true })
  for (const secret of secrets) expect(all).not.toContain(secret)
  return error
}
