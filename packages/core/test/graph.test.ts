import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { contract } from '../../../scripts/check/contract.ts'

const src = new URL('../src/', import.meta.url)
const files = readdirSync(src).map((name) => name.replace(/\.ts$/, ''))

/** What a file imports, types included. */
function imports(file: string): readonly string[] {
  const text = readFileSync(new URL(`${file}.ts`, src), 'utf8')
  return [...text.matchAll(/^(?:import|export)\b[^'"]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm)].map(
    ([, a, b, c]) => (a ?? b ?? c) as string,
  )
}
const own = (file: string) =>
  imports(file).flatMap((one) => (one.startsWith('./') ? [one.slice(2).replace(/\.ts$/, '')] : []))
const foreign = (file: string) => imports(file).filter((one) => !one.startsWith('./'))

describe('the contract', () => {
  test.each(contract)('%s imports nothing from the engine', (file) => {
    expect(files).toContain(file)
    expect(own(file).filter((one) => !contract.includes(one))).toEqual([])
  })

  test('needs no package at run time but the one that describes shapes', () => {
    expect([...new Set(contract.flatMap(foreign))].sort()).toEqual(['@standard-schema/spec', 'zod/mini'])
  })
})

describe('the engine', () => {
  const engine = files.filter((file) => !contract.includes(file))

  test('imports no adapter and no store, but for tests and trials', () => {
    const trials = ['testing', 'what-if'] // apart from the rest, each with an entry of its own
    const packages = new Set(engine.filter((file) => !trials.includes(file)).flatMap(foreign))
    expect([...packages].sort()).toEqual(['eventemitter3', 'node:crypto'])
    for (const trial of trials) expect(foreign(trial)).toEqual(['@prm/store-sqlite'])
  })

  test('asks no clock and no dice: time and chance come in as arguments', () => {
    for (const file of files) {
      const text = readFileSync(new URL(`${file}.ts`, src), 'utf8')
      expect(text, file).not.toMatch(/Date\.now\(|Math\.random\(|randomUUID|performance\.now/)
      if (file !== 'prm') expect(text, file).not.toMatch(/new Date\(\)/)
    }
  })

  test('has no circle of imports', () => {
    const open: string[] = []
    const done = new Set<string>()
    const visit = (file: string): void => {
      if (done.has(file)) return
      if (open.includes(file)) throw new Error(`${[...open.slice(open.indexOf(file)), file].join(' → ')}`)
      open.push(file)
      for (const one of own(file)) if (!(contract.includes(file) && contract.includes(one))) visit(one)
      open.pop()
      done.add(file)
    }
    for (const file of engine) visit(file)
    expect(done.size).toBeGreaterThan(10)
  })
})
