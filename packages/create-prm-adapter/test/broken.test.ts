import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Facet } from '../src/index.ts'
import { make, node, workspace } from './made.ts'

const { path, remove } = workspace()
afterAll(remove)

/** What a vendor may get wrong in the first hour, and what the tests that were made say of it. */
const broken: readonly (readonly [facet: Facet, from: string, to: string, check: string])[] = [
  ['channel', 'ref: key,', '', 'channel/find'],
  ['webhook', '!(await isSigned(options, signature, timestamp, body))', 'body.length < 0', 'webhook/altered-body'],
  ['webhook', 'key: message.id,', 'key: message.id + ctx.now().getTime(),', 'webhook/keys'],
  ['feed', 'cursor: { after },', 'cursor: { after: last.seq + 1 },', 'feed/resume'],
  ['directory', 'patrons.map(', 'patrons.slice(0, 1).map(', 'directory/ambiguous'],
  ['circulation', 'if (!before)', 'if (false)', 'circulation/another'],
]

test.each(broken)('%s: where %j becomes %j, its own tests fail', async (facet, from, to, check) => {
  const dir = make(path, check.replace('/', '-'), { facets: [facet], standalone: true })
  const file = join(dir, `src/${facet}.ts`)
  const text = readFileSync(file, 'utf8')
  expect(text).toContain(from)
  writeFileSync(file, text.replace(from, to))
  const { code, out } = await node(dir, '--test', '--test-reporter=tap', 'test/**/*.test.ts')
  expect(code).toBe(1)
  expect(out).toMatch(new RegExp(`^not ok \\d+ - ${check}`, 'm'))
})
