import { testContext } from '@prm/conformance'
import type { Address, Context } from '@prm/core'
import { onTestFinished } from 'vitest'
import { type KohaSimulator, type SimulateOptions, simulate } from '../simulator/index.ts'
import { type Koha, type KohaConfig, koha } from '../src/index.ts'

export { thrown } from '@prm/conformance'

export const now: Date = new Date('2026-11-24T15:00:00.000Z')
export const place: { currency: string; timeZone: string; region: string } = {
  currency: 'USD',
  timeZone: 'America/Chicago',
  region: 'US',
}

/** A context whose log must hold nothing of anybody. */
export function context(more: Partial<Context> = {}): ReturnType<typeof testContext> {
  return testContext('koha', { now: () => now, ...more })
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
