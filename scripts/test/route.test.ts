import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'prm-route-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const route = ['--conditions=@prm/source', 'scripts/route.ts']

function file(name: string, content: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

test('npm run route prints how each text is read, one JSON line an element, in order', () => {
  const texts = [
    { body: 'please stop texting me', locale: 'en' },
    { body: 'can I cancel my room booking?' },
    { body: 'Join teens\n' },
    { body: 'ALTO', locale: 'es' },
    { body: '' },
    { body: 'YES', stopped: true },
  ]
  const said = execFileSync('npm', ['run', '--silent', 'route', '--', file('texts.json', texts)], {
    cwd: root,
    encoding: 'utf8',
  })
  expect(said.split('\n')).toEqual([
    '{"word":"stop","scope":"*","how":"intent"}',
    '{}',
    '{"word":"join","scope":"teens","how":"exact"}',
    '{"word":"stop","scope":"*","how":"exact"}',
    '{}',
    '{"word":"start","scope":"*","how":"exact"}',
    '',
  ])
})

test.each([
  ['no file', [], 'usage'],
  ['no array', [file('object.json', { body: 'STOP' })], 'expected an array'],
  ['no body', [file('bodiless.json', [{ body: 'STOP' }, { text: 'STOP' }])], 'element 1 has no body'],
  ['no JSON', [file('broken.json', '[')], 'JSON'],
])('with %s it says so and prints nothing', (_, args, message) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...route, ...args], { cwd: root, encoding: 'utf8' })
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  expect(stderr).toContain(message)
})
