import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { run } from '../src/run.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prm-run-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const all = ['--facets', 'channel,webhook', '--auth', 'bearer', '--standalone', '--yes']

/** At a terminal where there are keys to press, one after another. */
async function typed(args: readonly string[], keys?: readonly string[]) {
  const said = { out: '', err: '' }
  const into = (stream: 'out' | 'err') =>
    new Writable({
      write(chunk, _, done) {
        said[stream] += chunk
        done()
      },
    })
  const terminal = { isTTY: true, setRawMode: () => undefined, columns: 100, rows: 40 }
  const stdin = Object.assign(new PassThrough(), keys && terminal)
  const stdout = Object.assign(into('out'), keys && terminal)
  const ended = run(args, { stdin, stdout, stderr: into('err'), cwd: () => folder })
  let seen = 0
  for (const key of keys ?? []) {
    await expect.poll(() => said.out.length).toBeGreaterThan(seen) // what the key before it came to
    await pause(80)
    seen = said.out.length
    stdin.write(key)
  }
  return { code: await ended, ...said }
}

test('what was made, where, and what to do next', async () => {
  const { code, out, err } = await typed(['@acme/prm-heron', ...all])
  expect([code, err]).toEqual([0, ''])
  expect(out).toMatch(/@acme\/prm-heron \(channel, webhook; bearer\): \d+ files in prm-heron/)
  expect(out).toMatch(/npm install\n.*npm test\n[\s\S]*first edit.*prm-heron\/src\/config\.ts/)
  expect(readFileSync(join(folder, 'prm-heron/src/config.ts'), 'utf8')).toContain('YOUR FIRST EDIT')
  expect(readdirSync(join(folder, 'prm-heron'))).toEqual(
    expect.arrayContaining([
      '.github',
      '.gitignore',
      'LICENSE',
      'README.md',
      'package.json',
      'simulator',
      'src',
      'test',
    ]),
  )
})

test('the vendor of the templates is named nowhere', async () => {
  await typed(['prm-heron-sms', ...all, '--facets', 'channel,webhook,feed,writeBack,directory,circulation,catalogue'])
  const made = join(folder, 'prm-heron-sms')
  for (const file of readdirSync(made, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue
    const text = readFileSync(join(file.parentPath, file.name), 'utf8')
    expect(text, file.name).not.toMatch(/pigeon|\.\.\/\.\.\/\.\.|@(channel|webhook|feed|writeBack|hmac|basic|\})\b/i)
  }
  const { name, prm, keywords } = JSON.parse(readFileSync(join(made, 'package.json'), 'utf8'))
  expect({ name, prm, keywords }).toMatchObject({ name: 'prm-heron-sms', prm: { spec: 1 } })
  expect(keywords).toContain('prm-adapter')
})

test.each<[string, readonly string[], RegExp]>([
  ['no NAME', all, /Missing: NAME\. There is no default for it/],
  ['nothing at all', [], /Missing: NAME, --facets \(channel, .*\), --auth \(basic, .*\)\. This is no terminal/],
  ['no --auth', ['prm-heron', '--facets', 'channel'], /Missing: --auth \(basic, bearer, hmac, ed25519\)/],
  ['two NAMEs', ['one', 'two', ...all], /One NAME, and there are 2: one, two/],
  ['a flag that there is not', ['prm-heron', '--facet', 'channel'], /--facet/],
  [
    'an unknown facet',
    ['prm-heron', ...all, '--facets', 'channel,smoke'],
    /--facets smoke: there are channel, webhook,/,
  ],
  ['no facet', ['prm-heron', ...all, '--facets', ','], /--facets is empty: there are channel,/],
  ['an unknown auth', ['prm-heron', ...all, '--auth', 'oauth'], /--auth oauth: there are basic, bearer, hmac, ed25519/],
  ['capitals', ['Heron', ...all], /NAME Heron is no name for a package: .*capital letters.*Try prm-heron/],
  ['a name with a slash', ['acme/prm-heron', ...all], /is no name for a package/],
  ['a path', ['../heron', ...all], /is no name for a package/],
  ['a module of Node', ['http', ...all], /is no name for a package.*core module/],
  ['a word that npm keeps', ['node_modules', ...all], /is no name for a package/],
  ['a figure first', ['prm-46elks', ...all], /begin it with a letter, such as prm-sms-46elks/],
  ['nothing but a figure', ['@acme/1', ...all], /begin it with a letter/],
  ['a word of the language', ['prm-delete', ...all], /would call the factory `delete`.*Try prm-delete-vendor/],
  ['a word of the templates', ['prm-client', ...all], /would call the factory `client`/],
  ['a type of the templates', ['prm-adapter-adapter', ...all], /would call the factory `adapter`/],
  [
    'no workspace',
    ['prm-heron', '--yes'],
    /is in no workspace like that of @prm: .*tsconfig\.base\.json.*--standalone/,
  ],
  ['no tarballs', ['prm-heron', ...all, '--from', 'nowhere'], /--from .*nowhere cannot be read/],
  ['a folder without tarballs', ['prm-heron', ...all, '--from', '.'], /holds 0 files prm-core-VERSION\.tgz/],
])('%s: refused, says what and what to do, and nothing is written', async (_, args, why) => {
  const { code, err } = await typed(args)
  expect([code, err]).toEqual([1, expect.stringMatching(why)])
  expect(err).not.toContain('    at ')
  expect(readdirSync(folder)).toEqual([])
})

test.each(['prm-ils', 'prm-sms', '@library/prm', 'sms-46elks', 'a.b_c'])('%s is a name', async (name) => {
  expect(await typed([name, ...all])).toMatchObject({ code: 0, err: '' })
})

test('a folder that is not empty is left as it is', async () => {
  mkdirSync(join(folder, 'prm-heron'))
  writeFileSync(join(folder, 'prm-heron/README.md'), 'mine')
  const { code, err } = await typed(['prm-heron', ...all])
  expect([code, err]).toEqual([1, expect.stringMatching(/is not empty \(README\.md…\): name another folder/)])
  expect(readdirSync(join(folder, 'prm-heron'))).toEqual(['README.md'])
  writeFileSync(join(folder, 'file'), '')
  expect((await typed(['prm-heron', ...all, '--dir', 'file'])).err).toMatch(/is a file: name a folder/)
})

test('an empty folder, also with a new repository in it, is filled', async () => {
  mkdirSync(join(folder, 'here/.git'), { recursive: true })
  expect((await typed(['prm-heron', ...all, '--dir', 'here'])).code).toBe(0)
  expect(existsSync(join(folder, 'here/src/index.ts'))).toBe(true)
})

test('of tarballs the right ones are taken: kit, and not kit-node', async () => {
  for (const name of ['core', 'kit', 'kit-node', 'conformance'])
    writeFileSync(join(folder, `prm-${name}-1.2.0-next.1.tgz`), '')
  expect((await typed(['prm-heron', ...all, '--from', '.'])).code).toBe(0)
  const made = JSON.parse(readFileSync(join(folder, 'prm-heron/package.json'), 'utf8'))
  expect(made.dependencies['@prm/kit']).toBe(`file:${join(folder, 'prm-kit-1.2.0-next.1.tgz')}`)
  expect(made.peerDependencies['@prm/core']).toBe('^1.2.0-next.1')
})

test('--help says what there is', async () => {
  expect(await typed(['--help'])).toMatchObject({
    code: 0,
    out: expect.stringContaining('usage: npm create prm-adapter'),
  })
})

const enter = '\r'
test('at a terminal it asks for what was not said', async () => {
  const { code, out } = await typed(['--dir', 'asked'], ['prm-heron', enter, enter, enter, 'y'])
  expect([code, out]).toEqual([0, expect.stringContaining('prm-heron (channel, webhook; bearer)')])
})

test('at a terminal it asks for nothing that was said, and a wrong name is asked again', async () => {
  const args = ['--facets', 'feed', '--auth', 'basic', '--standalone', '--dir', 'asked']
  const { code, out } = await typed(args, ['Heron', enter, ...Array<string>(5).fill('\x7f'), 'prm-heron', enter])
  expect([code, out]).toEqual([0, expect.stringContaining('prm-heron (feed; basic)')])
  expect(out).toContain('is no name for a package')
  expect(out).not.toContain('What it does')
})

test('Ctrl-C at a question makes nothing', async () => {
  expect((await typed([], ['\x03'])).code).toBe(130)
  expect(readdirSync(folder)).toEqual([])
})
