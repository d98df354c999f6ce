import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { simulate, type TwilioSimulator } from '@prm/twilio/simulator'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { folder, prm, sample, start } from './harness.ts'

let simulator: TwilioSimulator
let cwd: string
beforeEach(async () => {
  simulator = await simulate()
  cwd = folder(sample(simulator.credentials, simulator.url))
})
afterEach(() => simulator.close())

const run = (...args: readonly string[]) => prm(['outreach', ...args], { cwd })
const head = 'id,name,phone,email,language,timezone,branch,category,birthdate,expires,consent,series'
const person = (
  n: number,
  more: { phone?: string; consent?: string; language?: string; branch?: string } = {},
): string => {
  const { phone = `+1212555${String(1_000 + n)}`, consent = 'yes', language = 'en', branch = 'Main' } = more
  return `${n},Ann ${n},${phone},,${language},UTC,${branch},adult,1980-01-01,2090-01-01,${consent},jazz`
}
const list = (...rows: readonly string[]): void => writeFileSync(join(cwd, 'a.csv'), `${[head, ...rows].join('\n')}\n`)
const text = 'Springfield Library: {{ name }}, {{ series }} on Sunday. Reply STOP to end.'
const base = ['--audience', 'a.csv', '--purpose', 'news', '--via', 'sms']
const plan = (...more: readonly string[]) =>
  run('plan', ...base, '--text', text, '--out', 'may.plan', '--by', 'joe', ...more)
/** Nobody is watched for a minute here. */
const sending = ['--canary', '1', '--watch', '1s']

test('plan, show, approve, run: by two people, once, with the figures of the issue on the last line', async () => {
  list(person(1), person(2), person(3, { consent: '' }), person(4, { consent: 'no' }), person(5, { phone: '' }))
  const planned = await plan('--json')
  expect(planned).toMatchObject({ code: 0, err: '' })
  const summary = planned.lines.at(-1)
  expect(Object.keys(summary)).toEqual(['rows', 'included', 'excluded', 'bad', 'parts', 'cost', 'finish', 'hash'])
  expect(summary).toMatchObject({
    rows: 5,
    included: 2,
    bad: 0,
    parts: 2,
    excluded: { 'no-consent': 1, 'opted-out': 1, 'no-address': 1 },
  })
  expect(summary.cost).toEqual([{ micros: 16_600, currency: 'USD', minor: 2 }])
  expect(simulator.received()).toEqual([])

  expect(await run('run', 'may.plan')).toMatchObject({ code: 1, out: '', err: expect.stringContaining('not approved') })
  expect(await run('approve', 'may.plan', '--by', 'joe')).toMatchObject({ code: 1, out: '' })
  expect(await run('approve', 'may.plan', '--by', 'ann')).toMatchObject({ code: 0 })
  const shown = await run('show', 'may.plan')
  expect(shown.code).toBe(0)
  expect(shown.out).toContain('5 rows: 2 get it, 3 do not, 0 could not be read.')
  expect(shown.out).toContain('Approved by ann')
  expect(shown.out).toContain('▸ line 2, sms: Springfield Library: Ann 1, jazz on Sunday.')

  const ran = await run('run', 'may.plan', '--json', ...sending)
  expect(ran.code).toBe(0)
  expect(ran.lines.at(-1)).toEqual({ sent: 2, failed: 0, waiting: 0, excluded: 3, cost: summary.cost })
  expect(
    simulator
      .received()
      .map((one) => one.to?.value)
      .toSorted(),
  ).toEqual(['+12125551001', '+12125551002'])
  const report = await run('report', 'may.plan', '--json')
  expect(report).toMatchObject({ code: 0, lines: [{ summary: { sent: 2, excluded: 3 } }] })
  expect((await run('report', 'may.plan')).out).toMatch(/^2 sent, 0 failed, 0 waiting, 3 excluded; /m)
  const again = await run('run', 'may.plan', '--json', ...sending)
  expect(again.lines.at(-1)).toMatchObject({ sent: 2 })
  expect(simulator.received()).toHaveLength(2)
})

test('a bad row ends with 1 and is named; what cannot be read, and what is wrongly asked, with 2', async () => {
  list(person(1), '2,Ben', person(3))
  const bad = await plan()
  expect(bad).toMatchObject({ code: 1, err: expect.stringMatching(/^a\.csv:3: /) })
  expect(bad.out).toContain('1 could not be read')
  for (const [args, said] of [
    [['--audience', 'none.csv', '--text', 'x'], /There is no file none\.csv/],
    [['--audience', 'a.csv'], /either --text, or --template/],
    [['--audience', 'a.csv', '--template', 'none.txt'], /There is no file none\.txt/],
    [['--audience', 'a.csv', '--text', 'x', '--holdout', '2'], /--holdout takes a share/],
    [['--audience', 'a.csv', '--text', 'x', '--holdout', '0.1'], /--holdout needs --seed/],
    [['--audience', 'a.csv', '--text', 'x', '--age', 'teens'], /--age takes/],
    [['--audience', 'a.csv', '--text', 'x', '--where', 'branch'], /--where takes COLUMN=VALUE.*, and not "branch"/],
    [['--audience', 'a.csv', '--text', 'x', '--where-not', 'branch= ,'], /--where-not takes COLUMN=VALUE/],
    [['--audience', 'a.csv', '--text', 'x', '--within', 'soon'], /--within takes a duration/],
    [['--audience', 'a.csv', '--text', 'x', '--start', '12'], /--start takes an instant with its zone/],
    [['--audience', 'a.csv', '--text', 'x', '--start', '2026-11-24T10:00'], /--start takes an instant with its zone/],
    [['--audience', 'a.csv', '--text', 'x', '--until', '31/12/2026'], /--until takes a day.*"31\/12\/2026"/],
    [['--audience', 'a.csv', '--text', 'x', '--via', 'fax'], /--via takes .*: sms, and not "fax"/],
    [['--audience', 'a.csv', '--text', 'x', '--purpose', 'nwes'], /--purpose takes news, notices, and not "nwes"/],
    [['--audience', 'a.csv', '--text', 'x', '--out', 'no/x.plan'], /^--out no\/x\.plan: /],
    [['--audience', 'ils:fax', '--text', 'x'], /fax/],
  ] as const) {
    const ran = await run('plan', '--purpose', 'news', '--via', 'sms', '--out', 'x.plan', ...args)
    expect(ran).toMatchObject({ code: 2, out: '' })
    expect(ran.err).toMatch(said)
  }
  expect(await run('show', 'none.plan')).toMatchObject({ code: expect.any(Number), out: '' })
})

test('the same list planned twice: which plan, when and how many, and nobody gets it twice without a reason', async () => {
  list(person(1), person(2))
  await plan()
  await run('approve', 'may.plan', '--by', 'ann')
  expect((await run('run', 'may.plan', ...sending)).code).toBe(0)
  const again = ['plan', ...base, '--text', text, '--out', 'again.plan', '--by', 'joe']
  const said =
    /! 2 of these are in the plan [0-9a-f]{16} \(.*\/may\.plan\) too, which has begun at \d{4}-.*, approved by ann/
  expect(await run(...again)).toMatchObject({ code: 0, out: expect.stringMatching(said) })
  const json = await run(...again, '--json')
  expect(json.err).toMatch(said)
  expect(Object.keys(json.lines.at(-1))).toHaveLength(8)
  const refused = await run('approve', 'again.plan', '--by', 'ann')
  expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringContaining('--again "reason"') })
  expect(refused.err).toMatch(/has begun at \d{4}-\d\d-\d\d \d\d:\d\d UTC/)
  expect((await run('run', 'again.plan', ...sending)).code).toBe(1)
  expect(simulator.received()).toHaveLength(2)
  expect((await run('approve', 'again.plan', '--by', 'ann', '--again', 'it never came')).code).toBe(0)
  expect((await run('run', 'again.plan', ...sending)).code).toBe(0)
  expect(simulator.received()).toHaveLength(4)
})

test('a plan that was edited by hand is refused', async () => {
  list(person(1), person(2))
  await plan()
  await run('approve', 'may.plan', '--by', 'ann')
  const file = join(cwd, 'may.plan')
  writeFileSync(file, readFileSync(file, 'utf8').replace('+12125551001', '+12125551009'))
  for (const verb of ['show', 'approve', 'run'] as const) {
    const ran = await run(verb, 'may.plan')
    expect(ran).toMatchObject({ out: '' })
    expect([1, 2]).toContain(ran.code)
  }
  expect(simulator.received()).toEqual([])
})

test('health: which addresses are to be mended, and a list of them', async () => {
  list(person(1), person(2, { phone: '' }), person(3, { consent: '' }))
  const ill = await run('health', 'a.csv', '--purpose', 'news', '--via', 'sms', '--out', 'mend.csv', '--json')
  expect(ill).toMatchObject({
    code: 1,
    lines: [{ rows: 3, healthy: 1, ailments: { 'no-address': 1, 'no-consent': 1 } }],
  })
  expect(readFileSync(join(cwd, 'mend.csv'), 'utf8').trim().split('\n').length).toBeGreaterThan(2)
  list(person(1))
  expect(await run('health', 'a.csv', '--purpose', 'news', '--via', 'sms')).toMatchObject({
    code: 0,
    out: '1 row, 1 of them well.\n',
  })
  list(person(1, { phone: '' }))
  expect((await run('health', 'a.csv', '--purpose', 'news', '--via', 'sms')).out).toBe(
    '1 row, 0 of them well.\n  no-address: 1\n--out mend.csv lists each, with its line.\n',
  )
})

test('templates by language and medium, filters, and a variable for all', async () => {
  list(person(1), person(2, { language: 'es' }), person(3, { branch: 'East' }))
  writeFileSync(join(cwd, 'news.en.txt'), '{{ name }}: see you {{ day }}. Reply STOP to end.\n')
  writeFileSync(join(cwd, 'news.es.txt'), '{{ name }}: nos vemos {{ day }}. STOP para terminar.\n')
  const made = await run(
    'plan',
    ...base,
    '--template',
    'news.en.txt',
    '--template',
    'news.es.txt',
    '--set',
    'day=Sunday',
    '--where',
    'branch=Main',
    '--out',
    'may.plan',
  )
  expect(made.code).toBe(0)
  expect(made.out).toContain('▸ line 2, sms: Ann 1: see you Sunday.')
  expect(made.out).toContain('▸ line 3, sms: Ann 2: nos vemos Sunday.')
  expect(made.out).toContain('1 left out')
  expect(made.out).not.toContain('Ann 3')
  expect(made.err).toBe(
    'news.en.txt: for those who read English (en).\nnews.es.txt: for those who read Spanish (es).\n',
  )
  for (const name of ['news.new.txt', 'news.old.txt', 'news.v2.txt'])
    writeFileSync(join(cwd, name), '{{ name }}: hi.\n')
  const marked = ['news.new.txt', 'news.old.txt', 'news.v2.txt'].flatMap((name) => ['--template', name])
  const odd = await run('plan', ...base, ...marked, '--out', 'odd.plan')
  expect(odd.err).toBe(
    'news.new.txt: for those who read Newari (new).\nnews.old.txt: "old" is no language: it is for all.\n',
  )
})

test.each(['latin1', 'utf16le'] as const)(
  'a template in %s is refused, not sent with signs that nobody reads',
  async (encoding) => {
    list(person(1))
    writeFileSync(join(cwd, 'a.txt'), Buffer.from('Caf\u00e9: {{ name }}, come. Reply STOP to end.', encoding))
    const refused = await run('plan', ...base, '--template', 'a.txt', '--out', 'may.plan')
    expect(refused).toMatchObject({ code: 2, out: '', err: expect.stringContaining('a.txt is not UTF-8') })
  },
)

test('with the simulator and the config of this command: from nothing to a bill that is the plan’s', async () => {
  cwd = folder()
  const simulated = start(['simulate', 'twilio', '--json'], { cwd })
  await simulated.says('\n')
  const { environment } = JSON.parse(simulated.text().out.split('\n', 1)[0] ?? '')
  const env = { ...environment, TZ: 'UTC' }
  await prm(['init', '--yes'], { cwd })
  const config = join(cwd, 'prm.config.ts')
  writeFileSync(config, readFileSync(config, 'utf8').replace(/quiet: .*/, ''))
  list(person(1), person(2))
  const here = (...args: readonly string[]) => prm(['outreach', ...args], { cwd, env })
  expect((await here('plan', ...base, '--text', text, '--out', 'may.plan', '--by', 'joe')).code).toBe(0)
  await here('approve', 'may.plan', '--by', 'ann')
  expect((await here('run', 'may.plan', ...sending)).code).toBe(0)
  const billed = await here('report', 'may.plan', '--bill')
  expect(billed).toMatchObject({ code: 0, out: expect.stringContaining('Planned 0.02 USD, billed 0.02 USD: equal.') })
  simulated.kill('SIGTERM')
  await simulated.ended
})

test('each step says the next one: plan, a run without approval, one that waits, a pause', async () => {
  list(person(1), '2,Ben')
  const planned = await plan('--start', new Date(Date.now() + 5 * 3_600_000).toISOString())
  expect(planned.out).toMatch(
    /\nWhoever could not be read gets nothing: .*\nNext: somebody other than joe reads it, prm outreach show may\.plan, and says yes: prm outreach approve may\.plan --by NAME\.\n$/,
  )
  const unread =
    'This plan is not approved: somebody other than joe reads and approves it. prm outreach approve may.plan --by NAME says yes.\n'
  expect((await run('run', 'may.plan')).err).toBe(unread)
  expect((await run('show', 'may.plan')).out).toMatch(new RegExp(`\\n${unread}$`))
  expect((await run('approve', 'may.plan', '--by', 'joe')).err).toMatch(
    /a second person .*--by NAME says who that is\.\n$/,
  )
  await run('approve', 'may.plan', '--by', 'ann')
  const once = await run('run', 'may.plan', '--once')
  expect(once.out).toMatch(/^The next is due at .* UTC: prm outreach run may\.plan sends it then\.$/m)
  expect(once.out).toContain('It is at its first few, who are watched, since ')
  expect((await run('pause', 'may.plan')).out).toMatch(
    /^It is paused since .*\nprm outreach resume may\.plan lets it go on\.\n$/,
  )
  expect((await run('run', 'may.plan', '--once')).out).toMatch(/prm outreach resume may\.plan lets it go on\.\n$/)
})

test('a plan for nobody whom a filter kept says which filter; a language without a template is told', async () => {
  list(person(1, { language: 'vi' }), person(2, { language: 'es-MX' }), person(3, { language: '' }))
  expect((await plan('--where', 'branch=Mian,Est')).err).toBe(
    'Nobody gets it: of 3 rows a filter keeps none: branch is Mian or Est.\n',
  )
  writeFileSync(join(cwd, 'news.en.txt'), text)
  writeFileSync(join(cwd, 'news.es.txt'), text)
  const tagged = ['--template', 'news.en.txt', '--template', 'news.es.txt', '--out', 'two.plan']
  const { out } = await run('plan', ...base, ...tagged)
  expect(out).toContain('! no template is in Vietnamese (vi): the one of another language goes for 1 person.\n')
  expect(out).not.toContain('Spanish')
  expect((await plan()).out).not.toContain('Vietnamese')
})

test('interrupted once it ends with 130 and keeps its state, and the same line sends the rest, nobody twice', async () => {
  await simulator.close()
  simulator = await simulate({ latencyMs: 150 })
  cwd = folder(sample(simulator.credentials, simulator.url).replace('price:', 'rate: { perSecond: 20 }, price:'))
  list(...Array.from({ length: 120 }, (_, n) => person(n + 1)))
  expect((await plan()).code).toBe(0)
  await run('approve', 'may.plan', '--by', 'ann')
  const first = start(['outreach', 'run', 'may.plan', '--json', ...sending], { cwd })
  await first.says(/(canary|run): \d+ of 120, [\d.,]+\/s, \d+ (s|min) left, until \d\d:\d\d\n/, 'err')
  first.kill('SIGINT')
  const stopped = await first.ended
  expect(stopped).toMatchObject({ code: 130, signal: null })
  expect(stopped.err).toContain('Stopping: what has begun is finished first.')
  expect(stopped.err).toContain('prm outreach run may.plan goes on where it was, and nobody gets it twice.\n')
  expect(stopped.lines).toEqual([{ ...stopped.lines[0], sent: simulator.received().length, failed: 0, excluded: 0 }])
  expect(stopped.lines[0].sent + stopped.lines[0].waiting).toBe(120)
  expect(simulator.received().length).toBeLessThan(120)
  const rest = await run('run', 'may.plan', '--json', ...sending)
  expect(rest.lines.at(-1)).toMatchObject({ sent: 120, failed: 0, waiting: 0 })
  const numbers = simulator.received().map((one) => one.to?.value)
  expect(new Set(numbers).size).toBe(120)
  expect(numbers).toHaveLength(120)
})

test('pause, resume and stop are said from another terminal, and hold the run that goes on elsewhere', async () => {
  cwd = folder(sample(simulator.credentials, simulator.url).replace('price:', 'rate: { perSecond: 2 }, price:'))
  list(...Array.from({ length: 400 }, (_, n) => person(n + 1)))
  await plan()
  await run('approve', 'may.plan', '--by', 'ann')
  const early = await run('stop', 'may.plan')
  expect(early).toMatchObject({ code: 1, err: expect.stringContaining('deleting may.plan.approval.json') })
  const running = start(['outreach', 'run', 'may.plan', '--json', ...sending], { cwd })
  await expect.poll(() => simulator.received().length, { timeout: 60_000 }).toBeGreaterThan(1)
  expect((await run('pause', 'may.plan', '--json')).lines[0]).toMatchObject({ standing: 'paused' })
  const before = await steady()
  expect(before).toBeLessThan(400)
  expect((await run('resume', 'may.plan')).code).toBe(0)
  await expect.poll(() => simulator.received().length, { timeout: 60_000 }).toBeGreaterThan(before)
  const why = ['--why', 'a typo', '--json']
  const stop = (await run('stop', 'may.plan', ...why)).lines[0]
  expect(stop).toMatchObject({ standing: 'stopped', why: 'a typo' })
  expect(stop.gone + stop.cancelled + stop.underWay + stop.waiting).toBe(400)
  expect((await run('stop', 'may.plan', '--why', 'a typo')).out).toMatch(
    /\d+ had gone.*; \d+ that were promised are cancelled, and \d+ wait for a resume\./,
  )
  expect(await running.ended).toMatchObject({ code: 1, err: expect.stringContaining('It is stopped') })
  const after = simulator.received().length // whoever sent has ended
  expect(after).toBeLessThan(400)
  const refused = await run('run', 'may.plan', ...sending)
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('prm outreach resume may.plan lets it go on') })
  expect(simulator.received()).toHaveLength(after)
  expect((await run('resume', 'may.plan')).out).toContain('prm outreach run may.plan sends the rest.')
})

test('a filter on a column that is not there is refused at the first row, before what is wrong further down', async () => {
  list(person(1), '2,"Ben')
  const refused = await plan('--where-not', 'catgory=STAFF')
  expect(refused).toMatchObject({ code: 2, out: '', err: expect.stringContaining('"catgory", which the list has not') })
})

test('a refused filter is named as it was typed, with what was expected and the columns there are', async () => {
  list(person(1))
  const has = `it has ${head.replaceAll(',', ', ')}.`
  const wrong = ['--where', 'Branch=Main', '--where', 'brnch=Main,East', '--has', 'clubs=chess']
  const said = `--where "brnch=Main,East": A filter asks for a column "brnch", which the list has not; ${has} --where takes COLUMN=VALUE, such as branch=Main,East.`
  expect(await plan(...wrong)).toMatchObject({ code: 2, out: '', err: `${said}\n` })
  expect((await plan(...wrong, '--json')).lines).toEqual([
    { error: { code: 'invalid', message: said, field: '--where' } },
  ])
  expect((await plan('--has', 'clubs=chess')).err).toMatch(/^--has "clubs=chess": .*"clubs".* --has takes/)
  writeFileSync(join(cwd, 'a.csv'), 'id,phone,consent,series,name\n1,+12125551001,yes,jazz,Ann\n')
  expect((await plan('--age', '13-17')).err).toMatch(
    /^--age "13-17": .*"birthdate".* goes by the column birthdate\.\n$/,
  )
  const kept = await plan('--where', ' Series =JAZZ', '--where-not', 'name=Ben,Cy')
  expect(kept.out).toContain('  filter series is JAZZ: 1 kept, 0 left out\n  filter name is not Ben or Cy: 1 kept')
})

test('somebody at the desk: what a plan has for this one person, and what became of it', async () => {
  list(
    person(1),
    person(2, { consent: 'no' }),
    person(3, { phone: '212' }),
    person(1, { phone: '+12125551009' }),
    person(5, { branch: 'East' }),
    '6',
    ',Nobody',
  )
  await plan('--where', 'branch=Main')
  const show = (id: string, ...more: readonly string[]) => run('show', 'may.plan', '--id', id, ...more)
  const ann = await show('1')
  expect(ann.code).toBe(0)
  const moment = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d UTC`
  expect(ann.out).toMatch(
    new RegExp(
      [
        `^1 in may\\.plan, planned by joe at ${moment} for "news"; the plan is not approved\\.`,
        `Line 2 of a\\.csv, by sms \\(sms\\) to \\+12125551001 from \\+12125550100, its turn at ${moment}: 1 part, 0\\.01 USD\\.`,
        '▸ Springfield Library: Ann 1, jazz on Sunday\\. Reply STOP to end\\.',
        'Now: waiting\\.',
        'Line 5 of a\\.csv gets nothing: duplicate-address\\. The same id is in line 2\\.\n$',
      ].join('\n'),
    ),
  )
  expect((await show('2')).out).toContain('Line 3 of a.csv gets nothing: opted-out. The list says no.\n')
  expect((await show('3')).out).toMatch(
    /^Line 4 of a\.csv gets nothing: it could not be read\. phone: The phone number/m,
  )
  const none = await show('5')
  expect(none).toMatchObject({ code: 1, out: '' })
  expect(none.err).toBe(
    'This plan (rows: 6 of a.csv) has none of this id. Its filters left out 1, who are in no plan. 1 could not be read as far as their id: prm outreach show lists them.\n',
  )

  await run('approve', 'may.plan', '--by', 'ann')
  await run('run', 'may.plan', ...sending)
  const sent = await show(' 1 ')
  expect(sent.out).toContain('; the plan is done.\n')
  expect(sent.out).toMatch(/^Now: (accepted|sent|delivered)\.\nTo be sent by sms from /m)
  expect(sent.out.match(/Now: /g)).toHaveLength(1)
  const { lines } = await show('1', '--json')
  expect(lines).toEqual([
    {
      plan: expect.objectContaining({ by: 'joe', audience: 'a.csv' }),
      standing: 'done',
      id: '1',
      rows: [
        expect.objectContaining({ is: 'recipient', fate: 'sent', to: 'tel:+12125551001' }),
        expect.objectContaining({ is: 'excluded', line: 5 }),
      ],
      explained: [expect.objectContaining({ message: expect.objectContaining({ key: lines[0].rows[0].key }) })],
    },
  ])
  // Who looked stands in the audit, as with prm explain.
  const looks = (await prm(['export'], { cwd })).lines.filter(({ value }) => value.value?.action === 'explain')
  expect(looks).toHaveLength(2)
  await prm(['privacy', 'erase', '+12125551001', '--yes'], { cwd })
  expect((await show('1')).out).toMatch(/^Now: erased since\.$/m)
  expect((await run('run', 'may.plan', '--json')).lines[0]).toMatchObject({ sent: 0, waiting: 0, erased: 1 })
})

test('what waits for its turn is told as waiting, and what was refused as that', async () => {
  simulator.refuse('+12125551001', 21617)
  list(person(1))
  await plan()
  await run('approve', 'may.plan', '--by', 'ann')
  await run('run', 'may.plan', '--once', '--no-deliver')
  const show = () => run('show', 'may.plan', '--id', '1')
  expect((await show()).out).toMatch(/^Now: waiting\.\nTo be sent by sms/m)
  expect((await run('run', 'may.plan', ...sending)).code).toBe(1)
  expect((await show()).out).toContain('\nNow: rejected.\n')
})

test('a plan for nobody says so, and why, and what to do, and speaks of no price', async () => {
  const nobody = `Nobody gets it. Most are left out by this: no-consent, 2.\n"news" goes only to who agreed; `
  list(person(1, { consent: '' }), person(2, { consent: '' }))
  const silent = await plan()
  expect(silent).toMatchObject({ code: 0, err: `${nobody}write yes into its column consent where somebody did.\n` })
  expect(silent.out).toContain('Nobody is written to.')
  expect(silent.out).not.toContain('price')
  writeFileSync(join(cwd, 'a.csv'), 'id,name,phone,series\n1,Ann,+12125551001,jazz\n2,Ben,+12125551002,jazz\n')
  const json = await plan('--json')
  expect(json).toMatchObject({
    code: 0,
    err: `${nobody}a.csv has no column consent: add it, with yes where somebody did.\n`,
    lines: [{ included: 0 }],
  })
  expect((await run('show', 'may.plan')).out).toContain('Nobody gets it.')
})

test('show is read from its top: who planned, bad rows and how many more, all samples, and one word on the approval', async () => {
  list(person(1), ...Array.from({ length: 130 }, (_, n) => `${n + 2},Ben`))
  expect((await plan()).err).toMatch(
    /^a\.csv:102: .*\nand 30 more that could not be read.*\n {2}130: .* \(lines 3, 4, .*, 12 and 120 more\)$/m,
  )
  const { out } = await run('show', 'may.plan')
  expect(out).toMatch(/^Planned by joe in may\.plan, /)
  expect(out).toContain('1 part, 0.01 USD.')
  expect(out).toContain('sms from +12125550100: 1 message, 1 part')
  expect(out).toMatch(/^a\.csv:3: .*$/m)
  expect(out).toMatch(/^a\.csv:102: .*\nand 30 more that could not be read/m)
  expect(out).toMatch(/This plan is not approved: .*joe.*\n$/)
  expect(out).not.toContain('Not approved.')
  await run('approve', 'may.plan', '--by', 'ann')
  const { cost, sent } = (await run('run', 'may.plan', '--once', '--no-deliver', '--json')).lines[0]
  expect({ cost, sent }).toEqual({ cost: [], sent: 0 })
  const none = await run('run', 'may.plan', '--once', '--no-deliver')
  expect(none.out).toMatch(/^0 sent, 0 failed, 1 waiting, 0 excluded\.$/m)
  expect(none.out).not.toContain('price')
  expect(none.out).toMatch(/since \d{4}-\d\d-\d\d \d\d:\d\d UTC/)
})

test('an agreement of a list has no moment: a person’s file says so, and with --json it is as it is stored', async () => {
  list(person(1))
  await plan()
  await run('approve', 'may.plan', '--by', 'ann')
  await run('run', 'may.plan', ...sending)
  const subject = (...args: readonly string[]) => prm(['privacy', 'subject', '+12125551001', ...args], { cwd })
  const { out } = await subject()
  expect(out).toContain('"at": "the list does not say when"')
  expect(out).not.toContain('1970-01-01')
  expect((await subject('--json')).lines[0].held.consent[0].at).toBe('1970-01-01T00:00:00.000Z')
  expect((await prm(['privacy', 'ledger'], { cwd })).out).not.toContain('1970-01-01')
})

/** Quiet hours in which it is now, and the minute in which they end. */
function quietNow(zone: string): { readonly quiet: string; readonly ends: string } {
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' })
  const [from, ends] = [-2, 3].map((hours) => clock.format(Date.now() + hours * 3_600_000))
  return { quiet: `quietHours: { from: '${from}', to: '${ends}' }`, ends: ends as string }
}

test('in quiet hours a run says how many wait, until when in the library’s own time, and that Ctrl-C is safe', async () => {
  const zone = 'America/Denver'
  const { quiet, ends } = quietNow(zone)
  cwd = folder(sample(simulator.credentials, simulator.url).replace("timeZone: 'UTC'", `timeZone: '${zone}', ${quiet}`))
  list(...[1, 2, 3].map((n) => person(n).replace(',UTC,', ',,')))
  expect((await plan()).code).toBe(0)
  await run('approve', 'may.plan', '--by', 'ann')
  const running = start(['outreach', 'run', 'may.plan'], { cwd })
  await running.says('wait', 'err')
  expect(running.text().err).toMatch(
    new RegExp(
      `^3 wait until \\d{4}-\\d\\d-\\d\\d ${ends} ${zone} \\(quiet hours\\)\\. Ctrl-C is safe: prm outreach run may\\.plan goes on\\.\n$`,
    ),
  )
  running.kill('SIGINT')
  expect(await running.ended).toMatchObject({
    code: 130,
    out: '0 sent, 0 failed, 3 waiting, 0 excluded.\nprm outreach run may.plan goes on where it was, and nobody gets it twice.\n',
  })
  const once = await run('run', 'may.plan', '--once')
  expect(once).toMatchObject({
    code: 1,
    out: expect.stringMatching(
      new RegExp(`The next is due at .* ${ends} ${zone}: prm outreach run may\\.plan sends it then\\.`),
    ),
  })
  expect(simulator.received()).toEqual([])
})

test('a plan that begins later, and a paused run, say so while they stand still', async () => {
  list(person(1), person(2))
  const begins = new Date(Date.now() + 5 * 3_600_000).toISOString()
  expect((await plan('--start', begins)).code).toBe(0)
  await run('approve', 'may.plan', '--by', 'ann')
  const running = start(['outreach', 'run', 'may.plan'], { cwd })
  await running.says(`2 wait until ${begins.slice(0, 16).replace('T', ' ')} UTC, when the plan begins.`, 'err')
  await run('pause', 'may.plan')
  const other = start(['outreach', 'run', 'may.plan'], { cwd })
  await other.says(/2 wait: it is paused since .* UTC\. prm outreach resume may\.plan lets it go on\./, 'err')
  for (const one of [running, other]) one.kill('SIGINT')
  for (const one of [running, other]) expect((await one.ended).code).toBe(130)
})

test('a run whose provider refuses, or is not there, says so while it stands still', async () => {
  list(person(1), person(2))
  await plan()
  await run('approve', 'may.plan', '--by', 'ann')
  const config = readFileSync(join(cwd, 'prm.config.ts'), 'utf8')
  for (const [wrong, why] of [
    [config.replaceAll(simulator.credentials.authToken, 'another'), /2 wait: the provider did not take one, .* 401/],
    [
      config.replaceAll(simulator.url, 'http://127.0.0.1:9'),
      /2 wait: the provider did not take one, .* prm doctor says/,
    ],
  ] as const) {
    writeFileSync(join(cwd, 'prm.config.ts'), wrong)
    const running = start(['outreach', 'run', 'may.plan'], { cwd })
    await running.says(why, 'err')
    running.kill('SIGINT')
    expect((await running.ended).code).toBe(130)
  }
})

/** What was promised already goes out; then nothing more comes. */
async function steady(): Promise<number> {
  let last = -1
  while (last !== simulator.received().length) {
    last = simulator.received().length
    await new Promise((resolve) => setTimeout(resolve, 3_000))
  }
  return last
}
