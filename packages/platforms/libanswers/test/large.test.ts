import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('an export of 40 MB is read in a heap of 40 MB', { timeout: 120_000 }, async () => {
  const program = fileURLToPath(new URL('./large.ts', import.meta.url))
  const args = ['--max-old-space-size=40', '--max-semi-space-size=4', '--conditions=@prm/source', program, '40']
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const { facts, bad, megabytes } = JSON.parse(stdout)
  expect([megabytes, bad]).toEqual([40, 0])
  expect(facts).toBeGreaterThan(10_000)
})
