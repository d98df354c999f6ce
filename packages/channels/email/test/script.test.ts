import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { answer } from '../simulator/index.ts'
import { email } from '../src/index.ts'
import { context, publicUrl } from './context.ts'
import { ada, from } from './library.ts'

test('the script of the README posts a mail that the inlet takes, and asks to come again where it is not taken', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const script = /```sh\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  const folder = mkdtempSync(join(tmpdir(), 'prm-inlet-'))
  // In the place of curl: what it was called with.
  writeFileSync(
    join(folder, 'curl'),
    '#!/bin/sh\n[ -z "$FAIL" ] || exit 22\nfor a; do echo "$a"; case "$a" in @*) cat "$(echo "$a" | cut -c2-)" > "$OUT";; esac; done\n',
    { mode: 0o755 },
  )
  const env = {
    PATH: `${folder}:${process.env.PATH}`,
    OUT: join(folder, 'body'),
    PRM_INLET_SECRET: 'the secret of the inlet',
    PRM_INLET_URL: publicUrl,
  }
  const input = answer({ from: ada.value, to: from, text: 'Grüße' })
  const args = execFileSync('sh', ['-c', script], { env, input, encoding: 'utf8' }).split('\n')
  const headers = args.flatMap((arg, at) => (args[at - 1] === '-H' ? [arg.split(/: (.*)/).slice(0, 2)] : []))
  const request = new Request(args.at(-2) ?? '', {
    method: 'POST',
    headers: headers as never,
    body: readFileSync(env.OUT),
  })
  const adapter = email({ from, secret: 'x', smtp: { host: 'h' }, inlet: { secret: env.PRM_INLET_SECRET } })
  const { interactions } = await adapter.webhook.receive(request, context())
  expect(interactions).toMatchObject([{ who: ada, data: { content: { text: 'Grüße' } } }])
  expect(() => execFileSync('sh', ['-c', script], { env: { ...env, FAIL: '1' }, input, stdio: 'pipe' })).toThrowError(
    expect.objectContaining({ status: 75 }),
  )
  rmSync(folder, { recursive: true })
})
