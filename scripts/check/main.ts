// npm run check: every gate, two at a time, each a command that ends with 0 or says what is wrong. With names of gates as
// arguments only those, and what they need: npm run check -- lines size
import { spawn } from 'node:child_process'
import { packed, root } from './packages.ts'

interface Gate {
  readonly name: string
  readonly command: string
  /** The gate whose work this one looks at. */
  readonly after?: string
}

/** Tests that `npm test` runs too, of the house and not of what it does: imports, bundles, projects, code blocks of the guides. */
const tests = [
  'packages/core/test/graph.test.ts',
  ...['bundle', 'workspace', 'readme'].map((name) => `scripts/test/${name}.test.ts`),
]

const gates: readonly Gate[] = [
  {
    name: 'build',
    command:
      'node scripts/with-toolchain.mjs pnpm -r --workspace-concurrency=2 --reporter=append-only --loglevel=info run build',
  },
  { name: 'format', command: 'biome check .' },
  { name: 'types-7', command: 'tsc -p .' },
  { name: 'types-6', command: 'tsc6 -p .' },
  { name: 'lines', command: 'node scripts/check/lines.ts' },
  { name: 'imports', command: 'node scripts/check/imports.ts' },
  { name: 'changeset', command: 'node scripts/check/changeset.ts' },
  { name: 'words', command: 'node --conditions=@prm/source scripts/check/words.ts' },
  { name: 'generated', command: 'node --conditions=@prm/source scripts/generate/main.ts --check' },
  { name: 'unused', command: 'knip' },
  { name: 'undeclared', command: 'knip --strict --include unlisted,dependencies' }, // without the root's own dependencies
  { name: 'tests', command: `vitest run ${tests.join(' ')}` },
  { name: 'docs', command: 'node --conditions=@prm/source scripts/docs/main.ts' },
  { name: 'pack', command: `node scripts/pack.ts ${packed} --built`, after: 'build' },
  { name: 'declarations', command: 'node scripts/check/declarations.ts', after: 'build' },
  { name: 'size', command: 'node scripts/check/size.ts', after: 'build' },
  { name: 'instantiations', command: 'node scripts/check/instantiations.ts', after: 'build' },
  { name: 'publint', command: 'node scripts/check/publint.ts', after: 'pack' },
  { name: 'attw', command: 'node scripts/check/attw.ts', after: 'pack' },
  { name: 'consumer', command: 'node scripts/check/consumer.ts', after: 'pack' },
  { name: 'create', command: 'node scripts/check/create.ts', after: 'pack' },
  { name: 'cli', command: 'node scripts/check/cli.ts', after: 'pack' },
]

/** Lines of a gate that are printed when it passes, too. */
const shown = /^(budget|folders|longest|words) /

interface Result {
  readonly ok: boolean
  readonly seconds: number
  readonly said: string
}

function run({ command }: Gate): Promise<Result> {
  const [file = '', ...args] = command.split(' ')
  const began = performance.now()
  return new Promise((resolve) => {
    const shell = process.platform === 'win32' && file !== 'node'
    const child = spawn(file, args, { cwd: root, shell, stdio: ['ignore', 'pipe', 'pipe'], timeout: 600_000 })
    let said = ''
    child.stdout.on('data', (text) => (said += text))
    child.stderr.on('data', (text) => (said += text))
    const end = (ok: boolean) => resolve({ ok, seconds: (performance.now() - began) / 1_000, said })
    child.once('error', (error) => {
      said += error.message
      end(false)
    })
    child.once('close', (code) => end(code === 0))
  })
}

function chosen(names: readonly string[]): readonly Gate[] {
  if (names.length === 0) return gates
  const wanted = new Set(names)
  for (const gate of gates.toReversed()) if (wanted.has(gate.name) && gate.after) wanted.add(gate.after)
  const unknown = names.filter((name) => !gates.some((gate) => gate.name === name))
  if (unknown.length > 0) {
    console.error(`no such gate: ${unknown.join(', ')}; there are ${gates.map(({ name }) => name).join(', ')}`)
    process.exit(2)
  }
  return gates.filter(({ name }) => wanted.has(name))
}

const waiting = [...chosen(process.argv.slice(2))]
const results = new Map<string, Result>()

/** Takes the next gate whose work is there until none is left. */
async function worker(): Promise<void> {
  while (waiting.length > 0) {
    const next = waiting.findIndex(({ after }) => !after || results.has(after))
    if (next < 0) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      continue
    }
    const [gate] = waiting.splice(next, 1) as [Gate]
    const before = gate.after && results.get(gate.after)
    const result =
      before && !before.ok ? { ok: false, seconds: 0, said: `not run: ${gate.after} failed` } : await run(gate)
    results.set(gate.name, result)
    if (!result.ok) console.log(`\n── ${gate.name}: ${gate.command}\n${result.said.trim()}\n`)
    else for (const line of result.said.split('\n')) if (shown.test(line)) console.log(line)
  }
}
await Promise.all([worker(), worker()])

console.log()
for (const [name, { ok, seconds }] of results)
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${seconds.toFixed(1).padStart(6)} s  ${name}`)
if ([...results.values()].some(({ ok }) => !ok)) process.exitCode = 1
