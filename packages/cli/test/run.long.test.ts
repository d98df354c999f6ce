import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { simulate, type TwilioSimulator } from '@prm/twilio/simulator'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freePort } from '../../../scripts/test/free-port.ts'
import { folder, prm, sample, start } from './harness.ts'

let simulator: TwilioSimulator
beforeEach(async () => {
  simulator = await simulate()
})
afterEach(() => simulator.close())

test.each(['abc', '65536', '-1', '', '8080x'])(
  'run --port %j is refused in words, before anything is opened',
  async (port) => {
    const ran = await prm(['run', `--port=${port}`], { cwd: folder(sample(simulator.credentials, simulator.url)) })
    expect(ran).toMatchObject({ code: 2, out: '', err: '--port takes a port from 0 to 65535; 0 is any free one.\n' })
  },
)

const config = (port: number): string =>
  sample(simulator.credentials, simulator.url, {
    url: `http://127.0.0.1:${port}/prm`,
    more: `listen: { port: ${port}, host: '127.0.0.1' }`,
  })

test('run takes webhooks, says how it is, counts without patron data, and ends gracefully on SIGTERM with 0', async () => {
  const port = await freePort()
  const cwd = folder(config(port))
  const url = `http://127.0.0.1:${port}`
  const running = start(['run'], { cwd })
  await running.says(`${url}\n`)
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({
    ok: true,
    libraries: [{ library: 'springfield', store: true }],
  })
  simulator.setWebhookUrl(`${url}/prm/sms`)
  expect((await simulator.text({ from: '+12125550142', body: 'STOP' }))?.status).toBe(200)
  expect((await fetch(`${url}/prm/sms`, { method: 'POST', body: new URLSearchParams({ Body: 'x' }) })).status).toBe(401)
  expect((await fetch(`${url}/prm/nothing`)).status).toBe(404)

  const sent = await prm(['send', '+12125550143', '--purpose', 'notices', '--text', 'Hello', '--no-wait'], { cwd })
  expect(sent.code).toBe(0)
  await expect.poll(() => simulator.received().length, { timeout: 60_000 }).toBe(1)
  const scraped = await expect
    .poll(async () => (await fetch(`${url}/metrics`)).text(), { timeout: 60_000 })
    .toContain('prm_reports_total')
    .then(() => fetch(`${url}/metrics`))
  expect(scraped.headers.get('content-type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
  const metrics = await scraped.text()
  expect(metrics).toContain('prm_facts_total{library="springfield",type="message.received"} 1\n')
  expect(metrics).toContain(
    'prm_messages_total{library="springfield",adapter="sms",purpose="notices",state="accepted"} 1\n',
  )
  expect(metrics).toContain('prm_requests_total{library="springfield",status="401"} 1\n')
  expect(metrics).toContain('prm_dead_jobs{library="springfield"} 0\n')
  expect(metrics.endsWith('# EOF\n')).toBe(true)
  for (const line of metrics.trim().split('\n'))
    expect(line).toMatch(/^(# (TYPE|HELP) \w+ .+|# EOF|\w+\{(\w+="[^"]*",?)+\} \d+)$/)
  expect(metrics).not.toMatch(/2125550|Hello/)

  running.kill('SIGTERM')
  const ended = await running.ended
  expect(ended).toMatchObject({ code: 0, signal: null })
  expect(ended.err).toContain(`springfield: sms takes requests at ${url}/prm/sms.`)
  await expect(fetch(url)).rejects.toThrow()
  const stopped = await prm(['send', '+12125550142', '--purpose', 'notices', '--text', 'Hello'], { cwd })
  expect(stopped).toMatchObject({ code: 1, out: expect.stringContaining('Not sent: suppressed') })
})

test('a port that is taken ends with 2 and names the setting', async () => {
  const port = await freePort()
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(port, '127.0.0.1', resolve))
  const ran = await prm(['run'], { cwd: folder(config(port)) })
  expect(ran).toMatchObject({ code: 2, out: '', err: `listen.port: ${port} is taken here.\n` })
  await new Promise((resolve) => taken.close(resolve))
})

test('run --once does what is due and ends; several libraries share one port, each below its own path', async () => {
  const port = await freePort()
  const two = config(port)
    .replace('const prm =', 'const made = (id: string) =>')
    .replace("id: 'springfield'", 'id')
    .replace(/publicUrl: '(.*)\/prm'/, (_, url) => `publicUrl: \`${url}/\${id}\``)
    .replace('[prm]', "[made('elm'), made('oak')]")
  const cwd = folder(two)
  expect(await prm(['run', '--once', '--json'], { cwd })).toMatchObject({
    code: 0,
    lines: [
      { library: 'elm', read: 0, rejected: 0, sent: 0, failed: 0, notSent: 0, waiting: expect.any(Number) },
      { library: 'oak', read: 0, rejected: 0, sent: 0, failed: 0, notSent: 0, waiting: expect.any(Number) },
    ],
  })
  const later = ['send', '--purpose', 'notices', '--text', 'Hello', '--no-wait', '--library', 'elm']
  for (const number of ['+12125550143', '+12125550144']) await prm([...later, number], { cwd })
  expect((await prm(['run', '--once', '--library', 'elm'], { cwd })).out).toMatch(
    /^elm: 0 read, 0 rejected\. 2 sent, 0 failed, 0 not sent\. 0 scheduled\.\n$/,
  )
  const running = start(['run'], { cwd })
  await running.says(`http://127.0.0.1:${port}\n`)
  for (const [library, body] of [
    ['elm', 'STOP'],
    ['oak', 'hello'],
  ] as const) {
    simulator.setWebhookUrl(`http://127.0.0.1:${port}/${library}/sms`)
    expect((await simulator.text({ from: '+12125550142', body }))?.status).toBe(200)
  }
  expect((await fetch(`http://127.0.0.1:${port}/ash/sms`, { method: 'POST' })).status).toBe(404)
  running.kill('SIGINT')
  expect((await running.ended).code).toBe(130)
  const to = ['send', '+12125550142', '--purpose', 'notices', '--text', 'Hello', '--dry-run', '--library']
  expect((await prm([...to, 'elm'], { cwd })).out).toContain('It would not go: suppressed')
  expect((await prm([...to, 'oak'], { cwd })).out).toContain('It would go by sms')
})

test('doctor: what works, the URL through its own webhook, the clock, and what carriers ask for', async () => {
  const port = await freePort()
  const privacy = createServer((_, response) => response.end('We text you only what you asked for.'))
  await new Promise<void>((resolve) => privacy.listen(0, '127.0.0.1', resolve))
  const page = `http://127.0.0.1:${(privacy.address() as AddressInfo).port}/privacy`
  const carrier = `carrier: { brand: 'BN1', campaign: 'QE1', samples: ['Springfield Library: your hold is ready. Reply STOP to opt out.'], privacy: '${page}' }`
  const cwd = folder(config(port).replace('libraries: [prm]', `libraries: [prm], ${carrier}`))
  const clock = ['--clock', simulator.url]
  const well = await prm(['doctor', '--json', ...clock], { cwd })
  const found = new Map(well.lines.map((one) => [one.what, one.ok]))
  expect(Object.fromEntries(found)).toEqual({
    clock: true,
    store: true,
    'sms account': true,
    'sms channel.send': true,
    'sms inlet.receive': false, // the simulator's number has no webhook
    'sms inlet.status': 'unknown', // a local URL
    'quiet hours': 'unknown',
    'sms webhook': true,
    'carrier brand': true,
    'carrier campaign': true,
    'carrier samples[0]': true,
    'carrier privacy': true,
  })
  expect(well.code).toBe(1)
  simulator.setWebhookUrl(`http://127.0.0.1:${port}/prm/sms`)
  expect(await prm(['doctor', ...clock], { cwd })).toMatchObject({
    code: 0,
    out: expect.stringContaining('✓ sms webhook: '),
  })

  // Beside a prm run that has the port, and where somebody else has it.
  const running = start(['run'], { cwd })
  await running.says('\n')
  expect((await prm(['doctor', ...clock], { cwd })).out).toContain('✓ sms webhook: ')
  running.kill('SIGTERM')
  await running.ended
  const other = createServer((_, response) => response.end('Welcome'))
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve))
  const elsewhere = await prm(['doctor', ...clock], { cwd })
  expect(elsewhere).toMatchObject({
    code: 1,
    out: expect.stringContaining('takes what nobody signed: something else answers there'),
  })
  await new Promise((resolve) => other.close(resolve))
  await new Promise((resolve) => privacy.close(resolve))
})

test('doctor: a clock that is wrong, credentials that are refused, and carriers without papers end with 1 and a hint', async () => {
  const wrongClock = createServer((_, response) =>
    response.writeHead(200, { date: new Date(Date.now() + 300_000).toUTCString() }).end(),
  )
  await new Promise<void>((resolve) => wrongClock.listen(0, '127.0.0.1', resolve))
  const clock = ['--clock', `http://127.0.0.1:${(wrongClock.address() as AddressInfo).port}`]
  const bad = sample({ ...simulator.credentials, authToken: 'wrong' }, simulator.url)
  const ran = await prm(['doctor', ...clock], { cwd: folder(bad) })
  expect(ran.code).toBe(1)
  expect(ran.out).toMatch(/✗ clock: (29\d|300) s slow/)
  expect(ran.out).toMatch(/✗ sms account: .*\n {4}Compare accountSid and authToken/)
  expect(ran.out).toContain('? url: None is set')
  for (const what of ['brand', 'campaign', 'samples', 'privacy']) expect(ran.out).toContain(`✗ carrier ${what}: `)
  expect(ran.out).not.toContain('wrong"')
  const none = await prm(['doctor', '--clock', `http://127.0.0.1:${await freePort()}`], { cwd: folder(bad) })
  expect(none.out).toContain('cannot be reached (ECONNREFUSED).')
  await new Promise((resolve) => wrongClock.close(resolve))
})

test('doctor: no quiet hours, or none for texts, is a warning with the line to paste, which ends it', async () => {
  const here = async (quiet: string, more = '', zone = 'America/Chicago') => {
    const made = sample(simulator.credentials, simulator.url)
      .replace("timeZone: 'UTC'", `timeZone: '${zone}'`)
      .replace("region: 'US' }", `region: 'US', ${quiet} }`)
      .replace('purposes: {', `purposes: { ${more}`)
    const { out, lines } = await prm(['doctor', '--json', '--clock', simulator.url], { cwd: folder(made) })
    const found = lines.find(({ what }) => what === 'quiet hours')
    return { ...found, words: out }
  }
  const none = await here('')
  expect(none).toMatchObject({
    ok: 'unknown',
    detail: expect.stringMatching(/^None for sms: "news", "notices" would go out at 3 in the night\.$/),
  })
  const [, line = ''] = (none.hint as string).split('\n')
  const said = "21:00 to 08:00, by each patron's own clock, or by America/Chicago where theirs is not known."
  const pasted = { ok: true, detail: said }
  expect(await here(line)).toMatchObject(pasted)
  for (const zone of ['UTC', 'Etc/GMT+6'])
    expect(await here(line, '', zone)).toMatchObject({
      ok: 'unknown',
      detail: said.replace('America/Chicago', zone),
      hint: expect.stringMatching(/^Nobody lives by .*set timeZone/),
    })
  const mails = await here("quietHours: { from: '22:00', to: '07:30', media: ['email'] }")
  expect(mails).toMatchObject({
    ok: 'unknown',
    hint: expect.stringContaining("quietHours: { from: '22:00', to: '07:30' },"),
  })
  const urgent = await here(line, "closing: { basis: 'service', class: 'service', quietHours: 'ignore' },")
  expect(urgent).toMatchObject({ ok: true, detail: `${pasted.detail} At any hour, as the purpose says: "closing".` })
  // It is no failure: what ends with 1 here are the papers of carriers.
  const abroad = sample(simulator.credentials, simulator.url).replace("region: 'US'", "region: 'GB'")
  expect(await prm(['doctor', '--clock', simulator.url], { cwd: folder(abroad) })).toMatchObject({
    code: 0,
    out: expect.stringMatching(
      /^\? quiet hours: None .*\n {4}Write .*\n {4}quietHours: \{ from: '21:00', to: '08:00' \},$/m,
    ),
  })
})

test('simulate prints its URL first, alone on a line, answers, and ends on SIGTERM with 0', async () => {
  const cwd = folder()
  const env = { TWILIO_ACCOUNT_SID: 'ACmine', TWILIO_AUTH_TOKEN: 'mine', TWILIO_FROM: '+12125550177' }
  const running = start(['simulate', 'twilio'], { cwd, env })
  await running.says('TWILIO_BASE_URL=')
  running.kill('SIGTERM')
  const { code, out } = await running.ended
  expect(code).toBe(0)
  const [url = '', ...variables] = out.trim().split('\n')
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect(variables).toEqual([
    'TWILIO_ACCOUNT_SID=ACmine',
    'TWILIO_AUTH_TOKEN=mine',
    'TWILIO_FROM=+12125550177',
    `TWILIO_BASE_URL=${url}`,
  ])
  await expect(fetch(url)).rejects.toThrow()
})

test('simulate takes the credentials that it is called with first, has options, and other vendors', async () => {
  const cwd = folder()
  const running = start(['simulate', 'twilio', '--json', '--set', 'status=undelivered'], { cwd })
  await running.says('\n')
  const ready = start(['simulate', 'telnyx'], { cwd })
  await ready.says('TELNYX_BASE_URL=')
  ready.kill('SIGINT')
  expect((await ready.ended).code).toBe(130)
  running.kill('SIGTERM')
  const { lines } = await running.ended
  expect(Object.keys(lines[0].environment)).toContain('TWILIO_BASE_URL')
  expect(await prm(['simulate', 'fax'], { cwd })).toMatchObject({
    code: 1,
    err: expect.stringContaining('There is no simulator in @prm/fax here'),
  })
  expect(await prm(['simulate', 'twilio', '--set', 'x'], { cwd })).toMatchObject({ code: 2 })
})

test.each([
  ['{ "name": ', 'package.json'],
  ['{ "exports": { "./simulator": "nope" } }', 'must start with "./"'],
  ['{ "exports": { "./simulator": "./dist/none.js" } }', 'none.js'],
])('simulate says of a package whose package.json is %s what is wrong with it', async (manifest, why) => {
  const cwd = folder()
  rmSync(join(cwd, 'node_modules')) // a link to the repository's, which others read meanwhile
  const broken = join(cwd, 'node_modules', '@prm', 'fax')
  mkdirSync(broken, { recursive: true })
  writeFileSync(join(broken, 'package.json'), manifest)
  const { code, err } = await prm(['simulate', 'fax'], { cwd })
  expect([code, err]).toEqual([2, expect.stringContaining(why)])
  expect(err).toContain('/simulator cannot be found: ')
})

test('simulate says of a package without a simulator that it has none', async () => {
  expect(await prm(['simulate', 'core'], { cwd: folder() })).toMatchObject({
    code: 1,
    err: expect.stringContaining('There is no simulator in @prm/core here'),
  })
})
