import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as library from '@prm/koha/simulator'
import * as provider from '@prm/twilio/simulator'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../scripts/test/free-port.ts'
import { ownOf } from './hold-to-renewal/own.ts'
import { browser } from './springfield/served.ts'

interface Step {
  readonly step: number
  readonly name: string
  readonly at: string
  readonly text: string
}

/** Starts it as `npm run example --` does. */
function start(args: readonly string[], env: Record<string, string> = {}) {
  const main = fileURLToPath(new URL('./run.ts', import.meta.url))
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--conditions=@prm/source', main, ...args],
    {
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  let [out, err] = ['', '']
  child.stdout.on('data', (bytes) => {
    out += bytes
  })
  child.stderr.on('data', (bytes) => {
    err += bytes
  })
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, out, err })),
  )
  const steps = (): readonly Step[] =>
    out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Step)
  const until = async <T>(look: () => T | undefined | null): Promise<T> => {
    for (const end = performance.now() + 90_000; performance.now() < end && child.exitCode === null; ) {
      const found = look()
      if (found) return found
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error(`It did not come about: ${out}${err}`)
  }
  return { child, ended, steps, until, said: () => err }
}

describe('npm run example', () => {
  test.each([
    ['without a name', [], 'Name an example.'],
    ['with an unknown one', ['hold-to-nothing'], 'There is no example "hold-to-nothing".'],
    ['with an unknown option', ['texting-desk', '--jsn'], "Unknown option '--jsn'."],
    ['with two', ['texting-desk', 'hold-to-renewal'], 'One example at a time'],
    ['with --serve where there is nothing to serve', ['hold-to-renewal', '--serve'], 'leave --serve away'],
  ])('%s says so, lists what there is, and ends with 2', async (_, args, message) => {
    const { code, out, err } = await start(args).ended
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(message)
    expect(err).toMatch(
      / {2}guide-question .*\n {2}hold-to-renewal .*\n {2}listening .*\n {2}outreach .*\n {2}texting-desk .*\n {2}pages /,
    )
  })

  test.each([
    ['guide-question', 'page question ticket change'],
    ['hold-to-renewal', 'event patron policy re-check sent delivery renewal question answer closed stop'],
    ['listening', 'page refused draft answer week campaign wall reaction brief'],
    ['texting-desk', 'door hours suggestion link renewal join evidence question stop page claim answer closed'],
  ])('%s --json tells one step a line, numbered, at an instant, in a sentence', async (name, names) => {
    const running = start([name, '--json'])
    expect(await running.ended).toMatchObject({ code: 0, err: '' })
    const steps = running.steps()
    expect(steps.map((one) => one.name).join(' ')).toBe(names)
    expect(steps.map(({ step }) => step)).toEqual(steps.map((_, index) => index + 1))
    for (const one of steps) {
      expect(Object.keys(one)).toEqual(['step', 'name', 'at', 'text'])
      expect(new Date(one.at).toISOString()).toBe(one.at)
      expect(one.text).toMatch(/^\S.{20,}[."]$/)
    }
    expect([...steps].map(({ at }) => at).sort()).toEqual(steps.map(({ at }) => at))
    const plain = await start([name]).ended
    for (const one of steps) expect(plain.out).toContain(`${one.at}  ${one.name}\n    `)
  })
})

test('texting-desk --serve keeps the page for a person, whose answer goes out, until it is stopped', async () => {
  const running = start(['texting-desk', '--json', '--serve'])
  const [, url = '', password = ''] = await running.until(() =>
    /The page: (\S+)\/inbox\/ .* password (\S+)/.exec(running.said()),
  )
  for (const wrong of ['', `ann:${password}x`, `:${password}`, 'ann:'])
    expect((await fetch(`${url}/inbox/`, { headers: { authorization: `Basic ${btoa(wrong)}` } })).status).toBe(401)
  const page = browser(url, `Basic ${Buffer.from(`ann:${password}`).toString('base64')}`)
  const [first = ''] = await page.list()
  expect(await page.press(first, 'reply', { text: 'It is free.' })).toContain('on its way')
  const told = await running.until(() => running.steps().find(({ name }) => name === 'answer'))
  expect(told.text).toContain('"It is free." went out')
  running.child.kill('SIGINT')
  expect((await running.ended).code).toBe(0)
})

describe('hold-to-renewal with your own Koha and Twilio', () => {
  const own = {
    KOHA_BASE_URL: 'http://127.0.0.1:9',
    KOHA_CLIENT_ID: 'prm',
    KOHA_CLIENT_SECRET: 'never printed',
    KOHA_CARD: '23529000010001',
    TWILIO_ACCOUNT_SID: 'AC1',
    TWILIO_AUTH_TOKEN: 'never printed',
    TWILIO_FROM: '+12125550100',
    PRM_URL: 'http://127.0.0.1:9/prm',
  }

  test.each(Object.keys(own))('is refused without %s', (missing) => {
    const { [missing as 'KOHA_CARD']: _, ...rest } = own
    expect(() => ownOf(rest)).toThrow(`: ${missing} is missing`)
  })

  test('is simulated with none of it, and told with 2 which are missing where there is half', async () => {
    expect(ownOf({ PATH: '/bin' })).toBeUndefined()
    const { KOHA_CARD: _, PRM_URL: __, ...half } = own
    const { code, out, err } = await start(['hold-to-renewal'], half).ended
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain('KOHA_CARD, PRM_URL are missing')
    expect(err).not.toContain('never printed')
  })

  test('is refused by a Koha that cannot be reached or does not know the card, with why', async () => {
    const down = await start(['hold-to-renewal'], own).ended
    expect([down.code, down.err]).toEqual([2, expect.stringContaining('Koha')])
    const [ils, sms] = [await library.simulate(), await provider.simulate()]
    onTestFinished(async () => void (await Promise.all([ils.close(), sms.close()])))
    const env = given(ils, sms, { KOHA_CARD: '1' })
    const unknown = await start(['hold-to-renewal'], env).ended
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('KOHA_CARD: Koha knows no patron')])
  })

  test('tells each step as it happens, and writes to nobody but the patron of the card', async () => {
    const [ils, sms] = [await library.simulate(), await provider.simulate()]
    onTestFinished(async () => void (await Promise.all([ils.close(), sms.close()])))
    ils.town.holds.clear()
    const port = await freePort()
    const url = `http://127.0.0.1:${port}/prm`
    sms.setWebhookUrl(`${url}/sms`)
    Object.assign(ils.town.patrons.get(1001) ?? {}, { sms_number: '+12125550142' })
    const day = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10)
    const hold = { biblio_id: 102, item_id: 502, status: 'W', waiting_date: '2026-11-24', expiration_date: day }
    ils.hold({ ...hold, hold_id: 3007, patron_id: 1001 })
    ils.hold({ ...hold, hold_id: 3008, patron_id: 1002 })
    const running = start(['hold-to-renewal', '--json'], {
      ...given(ils, sms, {}),
      PRM_URL: url,
      PORT: String(port),
    })
    const first = await running.until(() => running.steps()[0])
    expect(first.text).toContain('hold 3007')
    expect(running.said()).toContain('Only the patron of KOHA_CARD is written to')
    await sms.text({ from: '+12125550177', body: 'HOURS' })
    await sms.text({ from: '+12125550142', body: 'HOURS' })
    await running.until(() => sms.messages()[0])
    running.child.kill('SIGINT')
    expect((await running.ended).code).toBe(0)
    expect(sms.messages().map(({ to }) => to)).toEqual(['+12125550142'])
  })
})

function given(
  ils: library.KohaSimulator,
  sms: provider.TwilioSimulator,
  more: Record<string, string>,
): Record<string, string> {
  return {
    KOHA_BASE_URL: ils.url,
    KOHA_CLIENT_ID: ils.credentials.clientId,
    KOHA_CLIENT_SECRET: ils.credentials.clientSecret,
    KOHA_CARD: '23529000010001',
    TWILIO_ACCOUNT_SID: sms.credentials.accountSid,
    TWILIO_AUTH_TOKEN: sms.credentials.authToken,
    TWILIO_FROM: sms.credentials.from,
    TWILIO_BASE_URL: sms.url,
    PRM_URL: 'http://127.0.0.1:9/prm',
    ...more,
  }
}

test('outreach comes to a report that adds up, a bill to the cent, and a second run that sends nothing', async () => {
  const { ended, steps } = start(['outreach', '--json'])
  expect(await ended).toMatchObject({ code: 0, err: '' })
  const told = Object.fromEntries(steps().map(({ name, text }) => [name, text]))
  expect(told.plan).toMatch(/^Of 5000 rows 3689 are to be written to, 35 are bad/)
  expect(told.lint).toContain('one curly quote (U+2019) turned 1 part into 2 for 2,885 people: +22.79 USD')
  expect(told['same person']).toContain('Who planned it does not approve it')
  expect(told.done).toContain('are 4965 of 4965')
  expect(told.bill).toContain('to the cent')
  expect(told.report).toMatch(/11.5 % of those written to and 5.1 % of the holdout acted/)
  expect(told.again).toContain('sends 0 more')
})

test('listening ends in a brief that says what was answered, by whom it was approved, and what it cannot see', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'prm-run-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const { ended, steps } = start(['listening', '--json'], { TMPDIR: folder })
  expect(await ended).toMatchObject({ code: 0, err: '' })
  const told = Object.fromEntries(steps().map(({ name, text }) => [name, text]))
  expect(told.page).toMatch(
    /is the big study room free at 4\? .*printers at Alder Library down .* mastodon the post score/,
  )
  expect(told.refused).toContain('must not say a phone number')
  expect(told.draft).toContain('somebody else must approve it')
  expect(told.answer).toMatch(/On Mastodon stands, once: "We are sorry/)
  expect(told.week).toContain('of its words the page has ""')
  expect(told.campaign).toContain('it is one line, with 4 more that say the same')
  expect(told.wall).toContain('nothing was posted there')
  expect(told.reaction).toContain('like 1, reply 1; its author is positive')
  const [written = ''] = readdirSync(folder)
  for (const file of ['brief.md', 'brief.html']) {
    const brief = readFileSync(join(folder, written, file), 'utf8')
    expect(brief).toContain('1 posted after a second person’s approval')
    expect(brief).toMatch(/took it well[\s\S]*What it cannot see/)
    expect(brief).not.toMatch(/furious|lost my form/) // it was taken back
  }
})
