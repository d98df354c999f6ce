import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { auths, type Choice, facets } from '../src/index.ts'
import { make, node, tsc, workspace } from './made.ts'

const { path, remove } = workspace()
afterAll(remove)

/** One facet, two, and all, each with one of the four in turn: no mark in a template asks for more than two. */
const sets: readonly Pick<Choice, 'facets' | 'auth' | 'standalone'>[] = [
  ...facets.flatMap((one, at) => facets.slice(at).map((other) => [...new Set([one, other])])),
  facets,
].map((facets, index) => ({ facets, auth: auths[index % 4] ?? 'bearer', standalone: index % 2 === 0 }))
const named = (index: number): string => `made-${index}`

beforeAll(() => {
  for (const [index, choice] of sets.entries()) make(path, named(index), choice)
})

test('every two facets compile together, and nothing is left that is not used', async () => {
  const compilerOptions = { noUnusedLocals: true, noUnusedParameters: true, paths: {} }
  const config = { extends: './tsconfig.base.json', compilerOptions, include: ['packages/*/*/*.ts'] }
  writeFileSync(join(path, 'tsconfig.json'), JSON.stringify(config))
  expect(await tsc(path, '-p', '.')).toEqual({ code: 0, out: '' })
}, 120_000)

// Each facet alone, with one of the four in turn, and all of them; the templates as they stand are all by bearer and HMAC.
const alone = facets.map((facet, index) => ({ facets: [facet], auth: auths[index % 4] ?? 'bearer' }))
const chosen = [{ facets, auth: 'basic' }, { facets, auth: 'ed25519' }, ...alone] as const

test('each facet keeps the contract against its own simulator, alone and together: no fail, no deviation', async () => {
  const waiting = chosen.map((choice, index) => ({ ...choice, dir: make(path, `kept-${index}`, choice) }))
  async function worker(): Promise<void> {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { facets, auth, dir } = next
      const { code, out } = await node(dir, 'test/report.ts')
      expect(code, `${facets} by ${auth}: ${out}`).toBe(0)
      const lines = out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(lines.filter(({ result }) => result === 'deviation')).toEqual([])
      const passed = (facet: string) => {
        const named = facet.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
        return lines.filter(({ check, result }) => check.startsWith(`${named}/`) && result === 'pass')
      }
      for (const facet of facets) expect(passed(facet).length, `${facet} by ${auth}: ${out}`).toBeGreaterThan(2)
    }
  }
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, worker))
}, 120_000)
