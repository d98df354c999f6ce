import { copyFileSync, mkdirSync, readdirSync, readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { simulate } from '@prm/twilio/simulator'
import { expect, test } from 'vitest'
import { folder, put, run, samples, start, summaryOf } from './run.ts'

const at = ['--now', '2026-11-24T16:00:00Z']

/** The samples as they are in a library's folder: at rest. */
function inbox(): string {
  const to = folder()
  for (const name of readdirSync(samples)) {
    copyFileSync(join(samples, name), join(to, name))
    utimesSync(join(to, name), new Date('2026-01-01'), new Date('2026-01-01'))
  }
  return to
}

test('without a file it says what is missing, and ends with 2', async () => {
  const { code, err, out } = await run([])
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toContain('Name at least one file or folder')
})

test('a look at a folder of each layout: each row is one of the five, each notice stands in one decision, nothing is kept', async () => {
  const store = join(folder(), 's.db')
  const ran = await run([inbox(), '--json', '--store', store, ...at])
  const { rows, notice, contact, result, told, bad, decisions, sent } = summaryOf(ran)
  expect({ notice, contact, result, told, bad, sent }).toEqual({
    notice: 22,
    contact: 6,
    result: 0,
    told: 0,
    bad: 1,
    sent: 0,
  })
  expect(notice + contact + result + told + bad).toBe(rows)
  const abouts = ran.lines.flatMap(({ decision }) => decision?.about.map(({ key }) => key) ?? [])
  const keys = ran.lines.flatMap(({ row }) => (row ? [row.key] : []))
  expect(abouts.toSorted()).toEqual(keys.toSorted())
  expect(ran.lines.filter(({ decision }) => decision)).toHaveLength(decisions)
  expect(ran.lines.find(({ bad }) => bad)?.bad).toMatchObject({ line: 12, why: expect.stringContaining('columns') })
  expect(ran.code).toBe(1) // one row is bad
  expect(readdirSync(join(store, '..'))).toEqual([])
})

test('every line of standard output is JSON, and nothing there names a title', async () => {
  const ran = await run([inbox(), '--json', ...at])
  expect(() =>
    ran.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).not.toThrow()
  expect(ran.out + ran.err).not.toMatch(/Wind-Up|Norwegian Wood|Darkness/)
})

test('sent twice, the second run hands over nothing and says so', async () => {
  const [notices, store] = [inbox(), join(folder(), 's.db')]
  const args = [notices, '--send', '--simulate', '--store', store, ...at]
  const first = await run([...args, '--json'])
  expect(summaryOf(first).sent).toBe(first.lines.filter(({ message }) => message).length)
  expect(summaryOf(first).sent).toBeGreaterThan(5)
  const second = await run([...args, '--json'])
  expect(summaryOf(second)).toMatchObject({ sent: 0, waiting: 0 })
  expect(second.lines.filter(({ message }) => message)).toEqual([])
  const told = second.lines.filter(({ row }) => row?.told).map(({ row }) => row?.key)
  const sent = first.lines.flatMap(({ decision }) =>
    decision?.outcome.send ? decision.about.map(({ key }) => key) : [],
  )
  expect(told.toSorted()).toEqual(sent.toSorted())
  const third = await run(args)
  expect(third.out).toContain('Nothing to send: every notice that can be sent was already sent.')
})

test.each([
  ['a path that does not exist', join(folder(), 'no-such-folder'), 2, /no-such-folder: there is no such file/],
  ['an empty folder', folder(), 2, /^No notice files found in .+\.$/m],
  ['a file without rows', put(folder(), 'PhoneNotices.csv', ''), 0, undefined],
] as const)('%s is not called already sent', async (_, path, code, err) => {
  const ran = await run([path, '--send', '--simulate', '--store', join(folder(), 's.db'), ...at])
  expect(ran.out).not.toContain('already sent.')
  expect(ran.code).toBe(code)
  if (err) expect(ran.err).toMatch(err)
  else expect(ran).toMatchObject({ out: expect.stringContaining('The files hold no notices.'), err: '' })
})

test('notices whose patron list is missing end with 1', async () => {
  const file = put(folder(), 'holds.txt', 'A Title|2026-11-24|8101|501|3|2026-12-02|21234000000301\n')
  const ran = await run([file, '--send', '--simulate', '--store', join(folder(), 's.db'), ...at])
  expect(ran).toMatchObject({ code: 1, err: expect.stringContaining('text_patrons') })
  expect(ran.out).toContain('Nothing to send: no notice here can be sent.')
})

test('from cron a run without problems writes nothing to standard error, and a problem is reported once a day', async () => {
  const [notices, store] = [inbox(), join(folder(), 's.db')]
  const args = [notices, '--send', '--simulate', '--store', store]
  const first = await run([...args, '--now', '2026-11-24T16:00:00Z'])
  expect(first).toMatchObject({ code: 1, err: expect.stringMatching(/^.+voice_patrons.+\n.+:12: .*columns.*\n$/) })
  expect(await run([...args, '--now', '2026-11-24T16:30:00Z'])).toMatchObject({ code: 0, err: '' })
  put(notices, 'letter.txt', 'Dear library,\nthank you.\n')
  const newFile = await run([...args, '--now', '2026-11-24T17:00:00Z'])
  expect(newFile).toMatchObject({ code: 1, err: expect.stringMatching(/^.*letter\.txt: .+\n$/) })
  const nextDay = await run([...args, '--now', '2026-11-25T17:00:00Z'])
  expect(nextDay.code).toBe(1)
  expect(nextDay.err.trim().split('\n')).toHaveLength(3)
})

test('a row decided against is decided again when the list has come', async () => {
  const [notices, store] = [folder(), join(folder(), 's.db')]
  put(notices, 'holds.txt', 'A Title|2026-11-24|8101|501|3|2026-12-02|21234000000301\n')
  const args = [notices, '--send', '--simulate', '--store', store, '--json', ...at]
  const first = await run(args)
  expect(summaryOf(first)).toMatchObject({ notice: 1, sent: 0, notSent: { address: 1 } })
  expect(first.err).toMatch(/text_patrons/)
  put(notices, 'text_patrons.txt', '2125550170|21234000000301\n')
  expect(summaryOf(await run(args))).toMatchObject({ notice: 1, told: 0, contact: 1, sent: 1 })
  expect(summaryOf(await run(args))).toMatchObject({ notice: 0, told: 1, contact: 1, sent: 0 })
})

test('i-tiva rows ask for a call, and are texted only with --voice-as sms', async () => {
  const args = [
    join(samples, 'itiva-outbound.csv'),
    '--send',
    '--simulate',
    '--store',
    join(folder(), 's.db'),
    '--json',
    ...at,
  ]
  expect(summaryOf(await run(args))).toMatchObject({ sent: 0, notSent: { channel: 3 } })
  expect(summaryOf(await run([...args, '--voice-as', 'sms']))).toMatchObject({ sent: 3, told: 0 })
})

test('what the library has no purpose for is decided against, and listed', async () => {
  const row = (type: string, item: string, day: string) =>
    `"T","en","${type}","1","23529000012345","","Ada","Pine","212-555-0142","","CONS","MAIN","Main","${item}","${day}","","90${item || 9}"`
  const file = [row('RESERVE', '1', '24/12/2026'), row('PRERESERVE', '2', '24/12/2026'), row('SUSPEND', '', '')].join(
    '\n',
  )
  const args = [put(folder(), 'notify.csv', file), '--send', '--simulate', ...at]
  expect(summaryOf(await run([...args, '--json']))).toMatchObject({ notice: 3, sent: 1, notSent: { purpose: 2 } })
  const { out } = await run(args)
  expect(out).toMatch(/notify\.csv:2 not told: This library has no purpose "hold-soon"\./)
  expect(out).toMatch(/notify\.csv:3 not told: This library has no purpose "suspended"\./)
})

test('--only limits a first try, and what it held back is not told', async () => {
  const args = [inbox(), '--send', '--simulate', '--store', join(folder(), 's.db'), '--json', ...at]
  const first = await run([...args, '--only', '+12125550142,212-555-0147'])
  expect(new Set(first.lines.flatMap(({ message }) => message?.to.value ?? []))).toEqual(
    new Set(['+12125550142', '+12125550147']),
  )
  const all = summaryOf(await run(args))
  expect(all.sent).toBeGreaterThan(3)
  expect(all.notSent.only).toBeUndefined()
})

test('in quiet hours it waits, says until when, and goes out when they end', async () => {
  const args = [inbox(), '--send', '--simulate', '--store', join(folder(), 's.db')]
  const night = await run([...args, '--now', '2026-11-25T04:00:00Z'])
  expect(night.out).toMatch(/ 0 sent\./)
  expect(night.out.trim().split('\n').at(-1)).toMatch(/^\d+ wait until 08:00: run again or keep running with --watch$/)
  const morning = await run([...args, '--json', '--now', '2026-11-25T14:00:00Z'])
  expect(summaryOf(morning)).toMatchObject({ waiting: 0 })
  expect(summaryOf(morning).sent).toBeGreaterThan(5)
})

test('a provider that refuses the credentials ends it with 2, names the variables, and nothing is decided', async () => {
  const simulator = await simulate()
  const { accountSid, authToken, from } = simulator.credentials
  const env = { TWILIO_ACCOUNT_SID: accountSid, TWILIO_FROM: from, TWILIO_BASE_URL: simulator.url }
  const args = [join(samples, 'PhoneNotices.csv'), '--send', '--store', join(folder(), 's.db'), '--json', ...at]
  const ran = await run(args, { ...env, TWILIO_AUTH_TOKEN: 'wrong' })
  expect(ran.code).toBe(2)
  expect(ran.err).toMatch(/TWILIO_AUTH_TOKEN/)
  expect(summaryOf(ran)).toMatchObject({ rows: 0, decisions: 0, sent: 0 })
  expect(summaryOf(await run(args, { ...env, TWILIO_AUTH_TOKEN: authToken }))).toMatchObject({ sent: 7, waiting: 0 })
  await simulator.close()
})

test('a row that repeats another of its file is told where that one is, and decided once where it is not', async () => {
  const itiva = readFileSync(join(samples, 'itiva-outbound.csv'), 'utf8')
  const args = [
    put(folder(), 'itiva.csv', itiva + itiva),
    '--send',
    '--simulate',
    '--store',
    join(folder(), 's.db'),
    '--json',
    ...at,
  ]
  expect(summaryOf(await run(args))).toMatchObject({ rows: 6, notice: 6, told: 0, decisions: 3, sent: 0 })
  expect(summaryOf(await run([...args, '--voice-as', 'sms']))).toMatchObject({
    rows: 6,
    notice: 3,
    told: 3,
    decisions: 3,
    sent: 3,
  })
  expect(summaryOf(await run(args))).toMatchObject({ rows: 6, notice: 0, told: 6, decisions: 0, sent: 0 })
})

test('what was handed over before and is reported now is not sent again, nor counted', async () => {
  const simulator = await simulate({ status: 'sent' })
  const { accountSid, authToken, from } = simulator.credentials
  const env = {
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_AUTH_TOKEN: authToken,
    TWILIO_FROM: from,
    TWILIO_BASE_URL: simulator.url,
  }
  const args = [join(samples, 'PhoneNotices.csv'), '--send', '--store', join(folder(), 's.db'), '--json']
  expect(summaryOf(await run([...args, ...at], env)).sent).toBe(7)
  const later = await run([...args, '--now', '2026-11-24T16:05:00Z'], env)
  expect(summaryOf(later)).toMatchObject({ sent: 0, waiting: 0 })
  expect(simulator.received()).toHaveLength(7)
  await simulator.close()
})

test('--watch takes a new file, and ends what is under way when it is stopped', async () => {
  const [notices, store] = [inbox(), join(folder(), 's.db')]
  const watching = start([notices, '--send', '--simulate', '--store', store, '--watch', '--json', ...at])
  await watching.says('"message"')
  watching.kill('SIGTERM')
  const { code, lines } = await watching.ended
  expect(code).toBe(1) // the sample with a bad row
  expect(lines.at(-1)?.summary?.sent).toBeGreaterThan(0)
})

test.each([
  [['no-such-folder'], 2, /no-such-folder/],
  [['x.csv', '--layout', 'nonsense'], 2, /^--layout takes a layout .*README/],
  [['x.csv', '--layout', 'polaris'], 2, /^--layout .{0,300}Did you mean polaris-phonenotices\?$/m],
  [['x.csv', '--layout', 'Polaris-PhoneNotices'], 2, /^--layout .{0,300}Did you mean polaris-phonenotices\?$/m],
  [['x.csv', '--zone', 'Mars/Olympus'], 2, /^--zone takes an IANA time zone such as America\/Chicago\.$/m],
  [['x.csv', '--zone', 'Chicago'], 2, /^--zone takes .* Did you mean America\/Chicago\?$/m],
  [['x.csv', '--zone', 'new york'], 2, /^--zone takes .* Did you mean America\/New_York\?$/m],
  [['x.csv', '--quiet', 'late'], 2, /--quiet/],
  [['x.csv', '--now', 'soon'], 2, /--now/],
  [['x.csv', '--only', '555'], 2, /--only/],
  [['x.csv', '--frobnicate'], 2, /frobnicate/],
  [['x.csv', '--send'], 2, /TWILIO_ACCOUNT_SID/],
  [['x.csv', '--simulate'], 2, /--send/],
  [['x.csv', '--region', 'XX'], 2, /^--region/],
] as const)('%j is refused with what was expected', async (args, code, said) => {
  const ran = await run(args)
  expect(ran.code).toBe(code)
  expect(ran.err).toMatch(said)
  expect(ran.out).toBe('')
})

test('bad input is named, the rest goes on', async () => {
  const notices = inbox()
  mkdirSync(join(notices, 'deep'))
  put(notices, 'photo.bin', new Uint8Array([0x89, 0x50, 0, 0, 1, 2, 3, 0]))
  put(notices, 'letter.txt', 'Dear library,\nthank you.\n')
  put(notices, 'upload.csv.part', '"T","eng"')
  put(notices, 'empty.txt', '')
  const ran = await run([notices, '--json', ...at])
  expect(ran.code).toBe(1)
  for (const name of ['deep', 'photo.bin', 'letter.txt', 'upload.csv.part']) expect(ran.err).toContain(name)
  expect(ran.err).not.toContain('empty.txt')
  expect(summaryOf(ran)).toMatchObject({ notice: 22, contact: 6, bad: 1 })
})

test('a binary file alone is exit 2, an empty one is 0', async () => {
  const alone = put(folder(), 'photo.bin', new Uint8Array([0x89, 0x50, 0, 0, 1, 2, 3, 0]))
  expect((await run([alone, '--json'])).code).toBe(2)
  const empty = await run([put(folder(), 'PhoneNotices.csv', ''), '--json'])
  expect([empty.code, summaryOf(empty).rows]).toEqual([0, 0])
})

test('titles are named in texts only with --titles', async () => {
  const args = [join(samples, 'PhoneNotices.csv'), ...at]
  expect((await run(args)).out).not.toContain('Norwegian Wood')
  expect((await run([...args, '--titles'])).out).toContain('Norwegian Wood')
})
