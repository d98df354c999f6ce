import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bin, folder, prm } from './harness.ts'

/** A Node that says it is another, so that this runs where there is no old one. */
const disguised = (version: string): readonly string[] => [
  '--import',
  `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'${version}'})`,
]
const oldNodes = ['/usr/bin/node', '/usr/local/bin/node'].filter((path) => {
  if (!existsSync(path)) return false
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(execFileSync(path, ['--version'], { encoding: 'utf8' })) ?? []
  return Number(major) < 22 || (Number(major) === 22 && Number(minor) < 20)
})

test('on an older Node it ends with 2, and names the version that is needed', () => {
  const starts = [
    ...['18.20.8', '20.20.2', '22.19.0'].map((version) => ({ node: process.execPath, before: disguised(version) })),
    ...oldNodes.map((node) => ({ node, before: [] })),
  ]
  for (const { node, before } of starts) {
    const { status, stdout, stderr } = spawnSync(node, [...before, bin, 'adapters'], { encoding: 'utf8' })
    expect({ node, status, stdout }).toEqual({ node, status: 2, stdout: '' })
    expect(stderr).toMatch(/^prm needs Node 22\.20 or later, and this is Node \d+\.\d+\.\d+: https:.*\n$/)
  }
  const { status } = spawnSync(process.execPath, [...disguised('22.20.0'), '--conditions=@prm/source', bin, '-V'])
  expect(status).toBe(0)
})

test('--version is that of the package; no arguments and an unknown command are told what there is', async () => {
  expect((await prm(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect(await prm([])).toMatchObject({ code: 2, out: '', err: expect.stringContaining('Usage: prm') })
  const unknown = await prm(['adaptors'])
  expect(unknown).toMatchObject({ code: 2, out: '' })
  expect(unknown.err).toContain("unknown command 'adaptors'")
  expect(unknown.err).toContain('Did you mean adapters?')
})

test('nothing is coloured in a pipe, and Node says nothing of itself', async () => {
  const help = await prm(['--help'], { env: { TERM: 'xterm-256color' } })
  expect(help).toMatchObject({ code: 0, err: '' })
  expect(help.out).not.toContain('\u001b')
})

test('in a checkout that was not built it says how to build, and not which module is missing', () => {
  const copy = folder()
  for (const part of ['bin/prm.js', 'package.json']) cpSync(join(bin, '../..', part), join(copy, part))
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(copy, 'bin/prm.js'), '-V'], { encoding: 'utf8' })
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toMatch(/^prm is not built in this checkout: .*npm run build.*\n$/)
})

test('a line that misses something is shown the help of its own command', async () => {
  for (const [args, said] of [
    [['adaptors'], 'prm --help says how it is used.'],
    [['outreach', 'plan', '--audience', 'a.csv'], 'prm outreach plan --help says how it is used.'],
    [['outreach', 'run'], 'prm outreach run --help says how it is used.'],
  ] as const)
    expect(await prm(args)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(said) })
  const { out } = await prm(['outreach', 'plan', '--help'])
  expect(out.match(/\(required\)/g)).toHaveLength(4)
})

test('what is wrongly typed is one JSON value with --json, as any error', async () => {
  for (const [args, message] of [
    [['adaptors'], /^unknown command 'adaptors'/],
    [['outreach', 'plan', '--audience', 'a.csv'], /^required option '--purpose/],
    [['outreach', 'show', 'a.plan', '--nonsense'], /^unknown option '--nonsense'/],
    [['outreach'], /^A command is missing\.$/],
  ] as const) {
    const ran = await prm([...args, '--json'])
    expect(ran).toMatchObject({ code: 2, err: expect.stringMatching(/./) })
    expect(
      ran.out
        .trim()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    ).toEqual([{ error: { code: 'invalid', message: expect.stringMatching(message) } }])
  }
})
