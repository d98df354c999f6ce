import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { bin, folder, prm, type Ran, sample, start } from './harness.ts'

const credentials = { accountSid: 'ACtest', authToken: 'token', from: '+12125550100' }
const good = sample(credentials, 'http://127.0.0.1:9')
const adapters = (config: string | undefined, ...args: readonly string[]) =>
  prm(['adapters', ...args], { cwd: folder(config) })

test('a config is read as it stands, by its own name or another', async () => {
  const ran = await adapters(good, '--json')
  expect(ran).toMatchObject({ code: 0, err: '' })
  expect(ran.lines).toEqual([
    {
      library: 'springfield',
      id: 'sms',
      kind: 'twilio',
      version: '0.0.0',
      facets: ['channel (sms)', 'webhook', 'check'],
    },
  ])
  const cwd = folder()
  mkdirSync(join(cwd, 'etc'))
  writeFileSync(join(cwd, 'etc/elm.config.ts'), good)
  expect(await prm(['adapters', '--config', 'etc/elm.config.ts'], { cwd })).toMatchObject({ code: 0 })
})

test('a config may be a function, or a promise of one', async () => {
  const made = good.replace('export default config(', 'export default config(async () => (').replace(/\)\s*$/, '))\n')
  expect(await adapters(made)).toMatchObject({ code: 0 })
})

test.each([
  ['is missing', undefined, 'There is no prm.config.ts in '],
  [
    'throws',
    'const name = undefined as unknown as string\nname.trim()\nexport default {}',
    /^prm\.config\.ts:2:6: .*undefined/,
  ],
  [
    'throws a PrmError of its adapter',
    good.replace("'ACtest'", "'x'").replace('"ACtest"', '"x"'),
    /^prm\.config\.ts:\d+:\d+: .*accountSid/,
  ],
  ['throws no error', 'throw 7', 'prm.config.ts threw 7, which is no error.'],
  [
    'throws in its function',
    'export default () => { throw new Error("no store today") }',
    /^prm\.config\.ts:1:\d+: no store today/,
  ],
  ['is no TypeScript', 'export default {{', /^prm\.config\.ts(:\d+)?: /],
  [
    'uses what Node cannot strip',
    'enum A { B }\nexport default {}',
    /^prm\.config\.ts:1: TypeScript enum is not supported/,
  ],
  [
    'imports what is not there',
    "import 'nothing-of-the-kind'\nexport default {}",
    /^prm\.config\.ts: .*nothing-of-the-kind.* Install what is missing with npm\./,
  ],
  ['exports nothing', 'export const prm = 1', 'prm.config.ts: default: there is no `export default config({ … })`.'],
  ['exports no object', 'export default 7', /^prm\.config\.ts: default: an object/],
  ['has no libraries', 'export default {}', /^prm\.config\.ts: libraries: a list of at least one host/],
  [
    'has something else for a library',
    'export default { libraries: [{ id: "x" }] }',
    /^prm\.config\.ts: libraries\[0\]: a host was expected/,
  ],
  [
    'names a library twice',
    good.replace('libraries: [prm]', 'libraries: [prm, prm]'),
    /libraries\[1\]: there are two hosts of the library "springfield"/,
  ],
  [
    'has a short key',
    good.replace("'k'.repeat(32)", "'k'"),
    /outreach\.key: a text of 32 characters or more.*randomBytes\(32\).*PRM_APPROVAL_KEY/,
  ],
  [
    'has a port that is none',
    good.replace('libraries: [prm]', 'libraries: [prm], listen: { port: 70000 }'),
    /listen\.port: a port from 0 to 65535/,
  ],
  [
    'has a setting that there is not',
    good.replace('libraries: [prm]', 'libraries: [prm], libary: 1'),
    /libary: no such setting; there are libraries, outreach, listen, carrier/,
  ],
  [
    'misses a variable',
    "import { config, env } from '@prm/cli'\nenv('NOT_SET_HERE')\nexport default {}",
    /^prm\.config\.ts:2:1: NOT_SET_HERE is not set\./,
  ],
] as const)('a config that %s ends with 2, and says which file and field', async (_, config, said) => {
  const ran = await adapters(config, '--json')
  expect(ran.code).toBe(2)
  if (typeof said === 'string') expect(ran.err).toContain(said)
  else expect(ran.err).toMatch(said)
  expect(ran.lines).toEqual([{ error: expect.objectContaining({ code: 'config', message: ran.err.trimEnd() }) }])
})

test('the key that is told to be made is one that the config takes', async () => {
  const told = (await adapters(good.replace("'k'.repeat(32)", "'k'"))).err
  const [, code = ''] = /node -p "([^"]+)"/.exec(told) ?? []
  const key = execFileSync(process.execPath, ['-p', code], { encoding: 'utf8' }).trim()
  expect((await adapters(good.replace("'k'.repeat(32)", `'${key}'`))).code).toBe(0)
})

test('a config that --config names and that is not there is named', async () => {
  const ran = await adapters(good, '--config', 'other.ts')
  expect(ran.code).toBe(2)
  expect(ran.err).toMatch(/There is no file .*other\.ts, which --config names/)
})

test('of several libraries one is to be named, and must be there', async () => {
  const two = good
    .replace('const prm =', 'const made = (id: string) =>')
    .replace("id: 'springfield'", 'id')
    .replace('[prm]', "[made('elm'), made('oak')]")
  const cwd = folder(two)
  const patron = ['patron', '+12125550142']
  expect(await prm(patron, { cwd })).toMatchObject({
    code: 2,
    err: 'Which library? Name one with --library: elm, oak.\n',
  })
  expect(await prm([...patron, '--library', 'ash'], { cwd })).toMatchObject({
    code: 2,
    err: expect.stringMatching(/There is no library "ash" in .*; there are elm, oak\./),
  })
  expect(await prm([...patron, '--library', 'oak'], { cwd })).toMatchObject({
    code: 1,
    err: 'No patron has this address.\n',
  })
})

test('init --yes makes a config that works once the credentials are there, with keys only its owner can read', async () => {
  const cwd = folder()
  const made = await prm(['init', '--yes', '--json'], { cwd, env: { TZ: 'Asia/Tokyo' } })
  expect(made).toMatchObject({
    code: 0,
    err: expect.stringMatching(/time zone Asia\/Tokyo of this machine.*country US/),
  })
  expect(made.lines[0].files).toEqual(['prm.config.ts', '.env', '.env-example', '.gitignore', 'package.json'])
  expect(statSync(join(cwd, '.env')).mode & 0o077).toBe(0)
  const env = readFileSync(join(cwd, '.env'), 'utf8')
  const keys = [...env.matchAll(/^PRM_\w+=(\S+)$/gm)].map(([, key]) => key)
  expect(new Set(keys).size).toBe(2)
  for (const key of keys) expect(key).toMatch(/^[\w-]{43}$/)
  expect(readFileSync(join(cwd, '.env-example'), 'utf8')).not.toContain(keys[0])
  expect(JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8'))).toMatchObject({
    type: 'module',
    dependencies: { '@prm/cli': '^0.0.0', '@prm/twilio': '^0.0.0' },
  })

  const without = await prm(['adapters'], { cwd })
  expect(without.code).toBe(2)
  expect(without.err).toMatch(/^prm\.config\.ts:\d+:\d+: TWILIO_ACCOUNT_SID is not set/)
  const set = { TWILIO_ACCOUNT_SID: 'ACx', TWILIO_AUTH_TOKEN: 'x', TWILIO_FROM: '+12125550100' }
  expect(await prm(['adapters'], { cwd, env: set })).toMatchObject({ code: 0, err: '' })
  expect(typed(cwd)).toBe('')
  const config = readFileSync(join(cwd, 'prm.config.ts'), 'utf8')
  expect(config).toContain("news: { basis: 'consent'")
  expect(config).toContain("notices: { basis: 'service'")

  const again = await prm(['init', '--yes'], { cwd })
  expect(again).toMatchObject({ code: 1, err: 'prm.config.ts is there already; nothing was changed.\n' })
  expect(readFileSync(join(cwd, '.env'), 'utf8')).toBe(env)
})

test('init keeps what is there, makes its folder, and asks only a person', async () => {
  const cwd = folder()
  mkdirSync(join(cwd, 'texting'))
  const there = { '.env': 'TWILIO_FROM=+12125550177', '.gitignore': 'dist\n', 'package.json': '{"name":"mine"}' }
  for (const [name, text] of Object.entries(there)) writeFileSync(join(cwd, 'texting', name), text)
  const made = await prm(['init', '--yes', '--dir', 'texting'], { cwd })
  expect(made.code).toBe(0)
  expect(made.out).toContain('Your package.json needs @prm/cli')
  const read = (name: string) => readFileSync(join(cwd, 'texting', name), 'utf8')
  expect(read('.env')).toMatch(/^TWILIO_FROM=\+12125550177\nTWILIO_ACCOUNT_SID=\n/)
  expect(read('.env').match(/TWILIO_FROM/g)).toHaveLength(1)
  expect(read('.gitignore')).toMatch(/^dist\n\.env\n/)
  expect(read('.gitignore')).toContain('\n*.csv\n*.ndjson\n')
  expect(read('package.json')).toBe('{"name":"mine"}')
  const asked = await prm(['init'], { cwd })
  expect(asked).toMatchObject({ code: 2, err: expect.stringContaining('say --yes') })
})

/** The real binary at a terminal of its own, and what is typed there each time that it asks this. */
async function typing(cwd: string, keys: readonly (readonly [asked: string, typed: string])[]): Promise<Ran> {
  const line = `stty cols 100 rows 40; exec "${process.execPath}" --conditions=@prm/source "${bin}" init`
  const env = { PATH: process.env.PATH, HOME: cwd, TZ: 'UTC', TERM: 'xterm' }
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    cwd,
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: 60_000,
  })
  const left = [...keys]
  let [out, seen] = ['', 0]
  child.stdout.on('data', (bytes) => {
    out += stripVTControlCharacters(String(bytes))
    for (let [next] = left; next && out.indexOf(next[0], seen) >= 0; [next] = left) {
      seen = out.indexOf(next[0], seen) + next[0].length
      child.stdin.write(next[1])
      left.shift()
    }
  })
  const [code] = await once(child, 'close')
  return { code, signal: null, out, err: '', lines: [] }
}
const anew = '\u0015' // takes back what stands there

test('init asks a person for name, zone and country, and again for what there is not', async () => {
  const cwd = folder()
  const made = await typing(cwd, [
    ['The name of the library', `${anew}Elm Street Library\r`],
    ['Its time zone', `${anew}Mars/Olympus\r`],
    ['Such as America/Chicago', `${anew}America/Denver\r`],
    ['Its country', `${anew}ca\r`],
    ['Two capital letters', `${anew}CA\r`],
  ])
  expect(made.code).toBe(0)
  const config = readFileSync(join(cwd, 'prm.config.ts'), 'utf8')
  for (const said of ["name: 'Elm Street Library'", "timeZone: 'America/Denver'", "region: 'CA'"])
    expect(config).toContain(said)
})

test('init that is called off with Ctrl-C makes nothing, and ends with 130', async () => {
  const cwd = folder()
  const off = await typing(cwd, [['The name of the library', '\u0003']])
  expect(off).toMatchObject({ code: 130, out: expect.stringContaining('Nothing was made.') })
  expect(existsSync(join(cwd, 'prm.config.ts'))).toBe(false)
})

/** What the compiler says of the config in this folder. */
function typed(cwd: string): string {
  const root = fileURLToPath(new URL('../../..', import.meta.url))
  const compilerOptions = { declaration: false, isolatedDeclarations: false, types: ['node'] }
  const settings = { extends: join(root, 'tsconfig.base.json'), compilerOptions, include: ['prm.config.ts'] }
  writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify(settings))
  return spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', cwd], { encoding: 'utf8' }).stdout
}

test.each([
  ['a config that never ends', 'export default await new Promise(() => {})\n'],
  ['a function that never answers', 'export default () => new Promise(() => {})\n'],
])('%s ends with 2 and says so, as JSON too', async (_, made) => {
  const ran = await adapters(made, '--json')
  expect(ran).toMatchObject({ code: 2, err: expect.stringMatching(/^It waits for something that never comes: .*\n$/) })
  expect(ran.lines).toEqual([{ error: { code: 'config', message: expect.stringContaining('never comes') } }])
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('a config that hangs is left at the first %s', async (signal, code) => {
  const hangs = "export default () => new Promise(() => { console.error('here'); setInterval(() => {}, 1_000) })\n"
  const hung = start(['adapters'], { cwd: folder(hangs) })
  await hung.says('here', 'err')
  hung.kill(signal)
  const late = setTimeout(() => hung.kill('SIGKILL'), 10_000)
  expect(await hung.ended).toMatchObject({ code, signal: null, out: '' })
  clearTimeout(late)
})
