import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import * as z from 'zod'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const name = z.string().min(1)
const figure = { bench: name, ours: z.number().nonnegative(), unit: name, target: z.number(), ok: z.boolean() }
const runs = z.number().int().positive()
const line = z.union([
  z.strictObject({ ...figure, case: name, runs, peer: name, theirs: z.number().positive(), ratio: z.number() }),
  z.strictObject({ ...figure, case: name, runs }),
  z.strictObject({ bench: name, peer: name, skipped: name }),
])

/** How fast is asked by `npm run bench`; here that each runs, and counts what it did. */
test.each(['prepare', 'outreach', 'drain', 'ingest', 'restart', 'weight', 'scale', 'insights', 'parsers'])(
  '%s runs, and prints a line for each figure',
  async (bench) => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@prm/source', main, bench, '--quick', '--json'],
      { timeout: 110_000 },
    )
    const lines = stdout.trim().split('\n')
    expect(lines.length).toBeGreaterThan(0)
    for (const one of lines) expect(line.parse(JSON.parse(one)).bench).toBe(bench)
  },
)

test('a bench that does not exist is refused with the names of those that do', async () => {
  const run = promisify(execFile)(process.execPath, ['--conditions=@prm/source', main, 'nothing'])
  await expect(run).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('prepare, outreach, drain') })
})
