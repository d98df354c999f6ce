// A host's types must stay cheap however many adapters it has. Each adapter is measured as 1, 10 and 30 vendors with
// types of their own: its declarations are copied, since a type that was seen before costs nothing.
import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { budget, wrong } from './budget.ts'
import { adapters, made, type Package, root } from './packages.ts'

const folder = join(made, 'instantiations')
const compilers = { ts6: 'tsc6', ts7: 'tsc' } as const

/** A host that composes `count` adapters made by `factory`, each from its own copy, and uses each by name. */
const host = (factory: string, count: number): string => `
import { createPrm, notice } from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
${list(count, (n) => `import { ${factory} as vendor${n} } from './vendor-${n}/src/index.js'`)}

declare const config: never
const prm = createPrm({
  library: { id: 'l', name: 'L', timeZone: 'America/Chicago', locale: 'en', region: 'US' },
  adapters: {
${list(count, (n) => `    a${n}: vendor${n}(config),`)}
  },
  store: sqlite({ memory: true }),
  purposes: { pickup: { basis: 'service', class: 'service', media: ['sms'] } },
  templates: { ready: () => ({ text: 'ready' }) },
})
prm.flow('f', notice, async ({ event, prm }) => {
  if (!event.who) return
  const content = { template: 'ready', data: event.data } as const
  await prm.send({ to: event.who, purpose: 'pickup', content, key: event.key, adapters: ['a${count - 1}'] })
})
${list(count, (n) => `void prm.adapters.a${n}.kind`)}
`
function list(count: number, line: (n: number) => string): string {
  return Array.from({ length: count }, (_, n) => line(n)).join('\n')
}

function instantiations(compiler: string, factory: string, count: number): number {
  writeFileSync(join(folder, 'host.ts'), host(factory, count))
  const said = execFileSync(join(root, 'node_modules/.bin', compiler), ['-p', folder, '--extendedDiagnostics'], {
    encoding: 'utf8',
  })
  return Number(/^Instantiations:\s+([\d,]+)/m.exec(said)?.[1]?.replaceAll(',', ''))
}

function measure({ name, folder: at }: Package): void {
  const types = join(root, at, 'dist/types')
  const texts = globSync('src/**/*.d.ts', { cwd: types }).map((file) => readFileSync(join(types, file), 'utf8'))
  const exported = readFileSync(join(types, 'src/index.d.ts'), 'utf8')
  const factory = texts
    .flatMap((text) => [...text.matchAll(/^export declare function (\w+)\(config: \w+\): \w+;$/gm)])
    .map(([, name = '']) => name)
    .find((name) => new RegExp(`\\b${name}\\b`).test(exported))
  if (!factory) throw new Error(`${name} exports no factory that takes its config and returns its own interface`)
  for (let n = 0; n < 30; n++) cpSync(types, join(folder, `vendor-${n}`), { recursive: true })
  for (const [compiler, command] of Object.entries(compilers)) {
    const [one, ten, thirty] = [1, 10, 30].map((count) => instantiations(command, factory, count)) as [
      number,
      number,
      number,
    ]
    console.log(`${compiler}, ${name}: ${one} instantiations with 1, ${ten} with 10, ${thirty} with 30`)
    const [early, late] = [(ten - one) / 9, (thirty - ten) / 20]
    budget(`${name}-instantiations-${compiler}`, Math.ceil(Math.max(early, late)), 60)
    if (late > early * 1.1 + 1) wrong(`${name}: not linear: ${early} each up to 10, ${late} each from 10 to 30`)
  }
}

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const compilerOptions = { customConditions: [], isolatedDeclarations: false, declaration: false }
const project = { extends: '../../../tsconfig.base.json', compilerOptions, files: ['host.ts'] }
writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project))
adapters.forEach(measure)
