import { globSync, readFileSync } from 'node:fs'
import { dirname, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { circles } from '../../../scripts/check/circles.ts'
import { rooms } from '../../../scripts/check/rooms.ts'

const src = new URL('../src/', import.meta.url)
const files: readonly string[] = globSync('**/*.ts', { cwd: fileURLToPath(src) }).toSorted()
const room = (file: string): string => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '')

/** What a file imports, types included. */
function imports(file: string, base: URL = src): readonly string[] {
  const text = readFileSync(new URL(file, base), 'utf8')
  return [...text.matchAll(/^(?:import|export)\b[^'"]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm)].map(
    ([, a, b, c]) => (a ?? b ?? c) as string,
  )
}
const own = (file: string, base: URL = src) =>
  imports(file, base).flatMap((one) => (one.startsWith('.') ? [posix.join(dirname(file), one)] : []))
const foreign = (file: string) => imports(file).filter((one) => !one.startsWith('.'))

describe('the rooms', () => {
  test('are the folders that there are', () => {
    expect([...new Set(files.map(room))].filter((one) => one !== '').toSorted()).toEqual(rooms.toSorted())
  })

  test.each(rooms)('%s imports only from itself and from the rooms above it', (name) => {
    const above = rooms.slice(0, rooms.indexOf(name) + 1)
    const below = files
      .filter((file) => room(file) === name)
      .flatMap((file) => own(file).flatMap((one) => (above.includes(room(one)) ? [] : [`${file} → ${one}`])))
    expect(below.filter((one) => !trial.test(one))).toEqual([])
  })

  test.each(rooms)('%s imports other rooms by their index.ts, which names what they lend', (name) => {
    const past = files
      .filter((file) => room(file) === name && !file.endsWith('what-if.ts'))
      .flatMap((file) =>
        own(file).flatMap((one) =>
          room(one) === name || room(one) === '' || one.endsWith('/index.ts') ? [] : [`${file} → ${one}`],
        ),
      )
    expect(past).toEqual([])
  })

  /** It compares decisions in a store of its own, and so begins a whole host. */
  const trial = /^host\/what-if\.ts → /
})

describe('the contract', () => {
  const contract = files.filter((file) => room(file) === 'contract')

  test('needs no package at run time but the one that describes shapes', () => {
    expect([...new Set(contract.flatMap(foreign))].sort()).toEqual(['@standard-schema/spec', 'zod/mini'])
  })

  test('is all that stands behind @prm/core/adapter', () => {
    const reached = new Set<string>()
    const visit = (file: string): void => {
      if (reached.has(file)) return
      reached.add(file)
      own(file).forEach(visit)
    }
    visit('adapter.ts')
    expect([...reached].filter((file) => room(file) !== 'contract')).toEqual(['adapter.ts'])
  })
})

describe('the engine', () => {
  const engine = files.filter((file) => room(file) !== 'contract')

  test('imports no adapter and no store', () => {
    expect([...new Set(engine.flatMap(foreign))].sort()).toEqual(['eventemitter3', 'node:crypto'])
  })

  test('asks no clock and no dice: time and chance come in as arguments', () => {
    for (const file of files) {
      const text = readFileSync(new URL(file, src), 'utf8')
      expect(text, file).not.toMatch(/Date\.now\(|Math\.random\(|randomUUID|performance\.now/)
      if (file !== 'host/engine.ts') expect(text, file).not.toMatch(/new Date\(\)/)
    }
  })
})

describe('the files of all packages', () => {
  test('import each other in no circle, types and tests included', () => {
    const root = new URL('../../../', import.meta.url)
    const all = globSync('{packages,scripts,examples,test}/**/*.ts', {
      cwd: fileURLToPath(root),
      exclude: (name) => /(^|[/\\])(node_modules|dist)$/.test(name),
    })
    const graph = new Map(all.map((file) => [file, own(file, root)]))
    expect(circles(graph)).toEqual([])
    expect(graph.get('packages/channels/email/src/channel.ts')).toContain('packages/channels/email/src/config.ts')
  })
})
