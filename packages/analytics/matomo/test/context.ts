import { testContext } from '@prm/conformance'
import type { Context, Metric } from '@prm/core'
import { onTestFinished } from 'vitest'
import { type MatomoSimulator, type SimulateOptions, simulate } from '../simulator/index.ts'
import { type Matomo, matomo } from '../src/index.ts'

export { thrown } from '@prm/conformance'

export const now: Date = new Date('2026-11-29T15:00:00.000Z')
export const host = 'https://guides.library.example'

export interface Alder {
  readonly simulator: MatomoSimulator
  readonly matomo: Matomo
  readonly ctx: Context & { readonly logged: readonly unknown[] }
  pull(by: 'page' | 'search' | 'source', from?: string, to?: string): Promise<readonly Metric[]>
}

export async function alder(options: SimulateOptions = {}, more: Partial<Context> = {}): Promise<Alder> {
  const simulator = await simulate({ now: () => now, ...options })
  onTestFinished(() => simulator.close())
  const adapter = matomo({ ...simulator.credentials, baseUrl: simulator.url })
  const ctx = testContext('matomo', { now: () => now, ...more })
  return {
    simulator,
    matomo: adapter,
    ctx,
    pull: (by, from = '2026-11-24', to = from) => all(adapter.metrics.pull({ from, to, by }, ctx)),
  }
}

export async function all<T>(list: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = []
  for await (const one of list) found.push(one)
  return found
}
