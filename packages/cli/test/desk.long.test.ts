import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { simulate, type TwilioSimulator } from '@prm/twilio/simulator'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { folder, noonZone, prm, sample } from './harness.ts'

const to = '+12125550142'
let simulator: TwilioSimulator
let cwd: string
beforeEach(async () => {
  simulator = await simulate()
  cwd = folder(sample(simulator.credentials, simulator.url))
})
afterEach(() => simulator.close())

const run = (...args: readonly string[]) => prm(args, { cwd })
const text = ['--purpose', 'notices', '--text', 'We open at noon.']

test('send: one message goes out once a day, and is explained', async () => {
  const noon = noonZone() // no day ends meanwhile
  cwd = folder(sample(simulator.credentials, simulator.url).replace("timeZone: 'UTC'", `timeZone: '${noon}'`))
  const first = await run('send', to, ...text, '--json')
  expect(first.code).toBe(0)
  expect(first.lines[0]).toMatchObject({
    decision: { outcome: { send: true, via: 'sms' } },
    message: { state: 'accepted' },
  })
  expect(simulator.received().map((one) => one.text)).toEqual(['We open at noon.'])
  const again = await run('send', to, ...text)
  expect(again).toMatchObject({ code: 0, out: expect.stringContaining('To be sent by sms') })
  expect(again.err).toMatch(/^It was decided at .*, and a key is sent once: .* --key NAME\.$/m)
  expect(first.err).not.toContain('a key is sent once')
  expect(simulator.received()).toHaveLength(1)
  const other = await run('send', to, ...text, '--key', 'another')
  expect(other.code).toBe(0)
  expect(simulator.received()).toHaveLength(2)

  const key = first.lines[0].decision.key
  expect((await run('explain', ...key.split(' '))).out).toContain(
    '✓ consent (sms): Service message; the patron has not opted out.',
  )
  expect((await run('explain', key, '--json')).lines[0]).toMatchObject({ decision: { key }, message: { key } })
  expect(await run('explain', 'nothing')).toMatchObject({
    code: 1,
    out: '',
    err: 'Nothing was decided under this key. prm timeline ADDRESS shows the keys of what somebody was sent.\n',
  })
})

test('send: what the rules are against is not sent, said why, and ends with 1; a dry run leaves nothing', async () => {
  const news = ['--purpose', 'news', '--text', 'Hello']
  const against = await run('send', to, ...news)
  expect(against.code).toBe(1)
  expect(against.out).toMatch(/Not sent: consent/)
  const dry = await run('send', to, ...text, '--dry-run', '--json')
  expect(dry).toMatchObject({ code: 0 })
  expect(dry.lines[0].decision.outcome.send).toBe(true)
  expect(await run('explain', dry.lines[0].decision.key)).toMatchObject({ code: 1 })
  expect(simulator.received()).toEqual([])
})

test('send: what the provider refuses ends with 1, and what is wrongly asked with 2', async () => {
  simulator.refuse(to, 21211)
  expect(await run('send', to, ...text)).toMatchObject({ code: 1, out: expect.stringContaining('Now: undelivered') })
  for (const [args, said] of [
    [['send', '555', ...text], /ADDRESS is no telephone number/],
    [['send', to, '--purpose', 'nwes', '--text', 'x'], /no purpose "nwes"; there are news, notices/],
    [['send', to, ...text, '--via', 'fax'], /no channel "fax"/],
    [['send', to, '--text', 'x'], /required option '--purpose <name>'/],
  ] as const) {
    const ran = await run(...args)
    expect(ran).toMatchObject({ code: 2, out: '' })
    expect(ran.err).toMatch(said)
  }
  expect((await run('send', 'x@y@z', ...text)).err).not.toContain('x@y@z')
  const byId = await run('patron', '29001000000000')
  expect(byId).toMatchObject({
    code: 1,
    err: expect.stringMatching(
      /No patron has this card in sms\/card\..*write its name before it.*prm outreach show PLAN/,
    ),
  })
})

test('the timeline shows the key that explain takes, and its times are of the library’s zone, by name', async () => {
  const zone = 'Pacific/Kiritimati'
  cwd = folder(sample(simulator.credentials, simulator.url).replace("timeZone: 'UTC'", `timeZone: '${zone}'`))
  maria()
  await run('send', to, ...text, '--key', 'noon today')
  const { out } = await run('timeline', to)
  const { seen } = (await run('timeline', to, '--json')).lines[0]
  expect(seen).toMatch(/Z$/)
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' })
  const local = clock.format(new Date(seen))
  expect(out).toMatch(new RegExp(`^${local} ${zone}  message\\.sent .*  \\[noon today\\]\n`))
  const [, key = ''] = /\[(.*)\]\n/.exec(out) ?? []
  expect(await run('explain', key)).toMatchObject({ code: 0 })
  const dry = await run('send', to, ...text, '--key', 'k2', '--dry-run')
  expect(dry.out).toMatch(new RegExp(`^It would go by sms from \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d ${zone}\\.`))
})

/** Lets a program of the library's own do something to its host. */
function program(code: string): void {
  const file = join(cwd, 'program.ts')
  writeFileSync(
    file,
    `import config from './prm.config.ts'\nconst [prm] = config.libraries\n${code}\nawait prm.close()\n`,
  )
  const ran = spawnSync(process.execPath, ['--conditions=@prm/source', file], { cwd, encoding: 'utf8' })
  expect(ran.status, ran.stderr).toBe(0)
}

/** A patron with a card and a number, a hold notice and a text of hers, as an ILS and Twilio would tell. */
function maria(): void {
  program(`
await prm.record([], [
  { at: { scheme: 'ils', realm: 'koha/card', value: '21234000112233' }, also: [{ scheme: 'tel', value: '${to}' }], name: 'Marialuisa Lopez', locale: 'es', branch: 'Main' },
])
await prm.record([
  { key: 'hold 1', type: 'notice', source: 'koha', who: { scheme: 'ils', realm: 'koha/card', value: '21234000112233' },
    data: { kind: 'hold-ready', subjectKey: 'hold:koha:1', items: [{ title: 'The Wind-Up Bird' }], pickup: 'Main' } },
  { key: 'SM1', type: 'message.received', source: 'sms', who: { scheme: 'tel', value: '${to}' },
    to: { scheme: 'tel', value: '+12125550100' }, data: { content: { text: 'is it still there?' } } },
])`)
}

test('patron and timeline: who is known there, what they may be told, and what passed; no title', async () => {
  maria()
  const who = await run('patron', 'koha/card:21234000112233')
  expect(who.code).toBe(0)
  expect(who.out).toContain('Marialuisa Lopez')
  expect(who.out).toContain(`tel        ${to}`)
  expect(who.out).toMatch(/✗ news: consent\./)
  expect(who.out).toMatch(/✓ notices: by sms\./)
  expect(who.out).toContain('A notice for which the ILS requests another medium goes by that one (notices).')
  const line = (await run('patron', to, '--json')).lines[0]
  expect(line).toMatchObject({
    patron: { name: 'Marialuisa Lopez' },
    purposes: [
      { purpose: 'news', may: false },
      { purpose: 'notices', may: true },
    ],
  })

  const passed = await run('timeline', to)
  expect(passed.out).toContain('is it still there?')
  expect(passed.out).toContain('hold-ready')
  expect(passed.out).not.toContain('Wind-Up')
  expect((await run('timeline', to, '--json', '--limit', '1')).lines).toHaveLength(1)
  expect((await run('timeline', to, '--since', '2999-01-01')).out).toBe('')
  expect(await run('timeline', to, '--since', 'soon')).toMatchObject({
    code: 2,
    err: expect.stringContaining('--since takes a day'),
  })
  expect(await run('timeline', '+12125550143')).toMatchObject({ code: 1, err: 'No patron has this address.\n' })
  // Who looked stands in the audit, under the login name.
  const rows = (await run('export')).lines.filter(({ kind }) => kind === 'audit')
  expect(rows.map(({ value }) => value.value.action)).toEqual(expect.arrayContaining(['patrons', 'timeline', 'export']))
  for (const { value } of rows) expect(value.value.by).toMatchObject({ kind: 'staff' })
})

test('patron and timeline find a card by its number alone, in the name of any adapter', async () => {
  const nothing = "koha: { spec: 1, kind: 'koha', version: '0.0.0', emits: [] },"
  const config = sample(simulator.credentials, simulator.url).replace('adapters: {', `adapters: { ${nothing}`)
  cwd = folder(config)
  maria()
  expect((await run('patron', '21234000112233')).out).toContain('Marialuisa Lopez')
  expect((await run('timeline', '21234000112233')).out).toContain('is it still there?')
})

test('privacy: the ledger counts and names nobody; a person’s file holds what is theirs; erased, nothing of them is left', async () => {
  maria()
  await run('send', to, ...text)
  const ledger = await run('privacy', 'ledger', '--json')
  expect(ledger.code).toBe(0)
  expect(ledger.lines[0]).toMatchObject({
    library: 'springfield',
    purposes: { notices: { basis: 'service', messages: 1 }, news: { basis: 'consent', messages: 0 } },
    adapters: { sms: { received: { 'address: tel': 1, text: 1 }, told: { tel: 1, content: 1 } } },
  })
  const held = new Map(
    ledger.lines[0].held.map((one: { what: string; rows: number; until: string }) => [one.what, one]),
  )
  expect(held.get('patron')).toMatchObject({ rows: 1, until: 'until erased' })
  expect(held.get('fact: notice')).toMatchObject({ until: '30 days after the last date in it' })
  const words = (await run('privacy', 'ledger')).out
  expect(words).toContain('sms received: address: tel (1)')
  for (const personal of ['Marialuisa', to, '21234000112233', 'Wind-Up'])
    expect(words + ledger.out).not.toContain(personal)

  const file = await run('privacy', 'subject', to, '--out', 'maria.json')
  expect(file).toMatchObject({ code: 0, out: '' })
  const subject = JSON.parse(readFileSync(join(cwd, 'maria.json'), 'utf8'))
  expect(subject.patron.name).toBe('Marialuisa Lopez')
  expect(subject.held.interaction.map(({ type }: { type: string }) => type)).toEqual(
    expect.arrayContaining(['notice', 'message.received']),
  )
  expect(subject.held.message).toHaveLength(1)
  expect(await run('privacy', 'subject', to, '--out', 'maria.json')).toMatchObject({
    code: 1,
    err: expect.stringContaining('is there already'),
  })

  expect(await run('privacy', 'erase', to)).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('say --yes'),
  })
  const erased = await run('privacy', 'erase', to, '--yes', '--out', 'certificate.json')
  expect(erased.code).toBe(0)
  expect(erased.out).toMatch(/Removed: \d+ rows/)
  expect(erased.out).toMatch(/Not reached from here: .* lists and plans\.\nWhoever still stands in a list/)
  const taken = await run('privacy', 'erase', '+12125550199', '--yes', '--out', 'certificate.json')
  expect(taken).toMatchObject({ code: 1, out: '', err: expect.stringContaining('is there already') })
  const certificate = JSON.parse(readFileSync(join(cwd, 'certificate.json'), 'utf8'))
  expect(certificate).toMatchObject({ library: 'springfield', erased: { patron: subject.patron.id } })
  expect(JSON.stringify(certificate) + erased.out).not.toContain(to)
  const left = (await run('export')).out
  for (const personal of ['Marialuisa', to, 'still there']) expect(left).not.toContain(personal)
  expect(await run('patron', to)).toMatchObject({ code: 1 })
})

test('a family shares a number: one is to be named, and each file and erasure is of one of them alone', async () => {
  maria()
  program(`
await prm.record([], [{ at: { scheme: 'ils', realm: 'koha/card', value: '99' }, also: [{ scheme: 'tel', value: '${to}' }], name: 'Benedetto Lopez' }])
await prm.record([{ key: 'hold 2', type: 'notice', source: 'koha', who: { scheme: 'ils', realm: 'koha/card', value: '99' },
  data: { kind: 'overdue', subjectKey: 'loan:koha:9', items: [{ title: 'Norwegian Wood' }] } },
  { key: 'SM2', type: 'message.received', source: 'sms', who: { scheme: 'tel', value: '${to}' }, data: { content: { text: 'which of us?' } } }])`)
  const ids = (await run('patron', to, '--json')).lines.map(({ patron }) => patron.id)
  expect(ids).toHaveLength(2)
  for (const args of [
    ['timeline', to],
    ['privacy', 'subject', to],
    ['privacy', 'erase', to, '--yes'],
  ]) {
    const ran = await run(...args)
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err).toContain(`2 patrons share this address. Name one with --patron: ${ids.join(', ')}.`)
  }
  const [ben] = (await run('patron', 'koha/card:99', '--json')).lines
  const file = (await run('privacy', 'subject', to, '--patron', ben.patron.id)).out
  expect(file).toContain('Norwegian Wood')
  for (const hers of ['Marialuisa', 'Wind-Up', '21234000112233', 'still there', 'which of us'])
    expect(file).not.toContain(hers)
  const erased = await run('privacy', 'erase', to, '--patron', ben.patron.id, '--yes', '--json')
  expect(erased.lines[0].kept).toContainEqual(
    expect.objectContaining({ what: expect.stringContaining('a shared tel address') }),
  )
  const left = (await run('export')).out
  expect(left).not.toMatch(/Benedetto|Norwegian/)
  expect(left).toMatch(/Marialuisa.*Wind-Up/s)
})

test('a number that was another’s before: what they were told at it is theirs, and a patron of another address is not named', async () => {
  const other = '+12125550177'
  program(`
const card = (value) => ({ scheme: 'ils', realm: 'koha/card', value })
const tel = (value) => ({ scheme: 'tel', value })
await prm.record([], [{ at: card('99'), also: [tel('${to}')], name: 'Benedetto Lopez' }])
await prm.send({ to: card('99'), purpose: 'notices', content: { text: 'For Benedetto alone.' }, key: 'ben' })
await prm.record([], [{ at: card('99'), also: [tel('${other}')], name: 'Benedetto Lopez' }])
await prm.record([], [{ at: card('7'), also: [tel('${to}')], name: 'Ann Other' }])`)
  const [ann, ...others] = (await run('patron', to, '--json')).lines
  expect([ann.patron.name, others]).toEqual(['Ann Other', []])
  const file = await run('privacy', 'subject', to)
  expect(file.code).toBe(0)
  expect(file.out).toContain('Ann Other')
  expect(file.out).not.toMatch(/Benedetto/)
  expect((await run('privacy', 'subject', other)).out).toContain('For Benedetto alone.')
  const [ben] = (await run('patron', other, '--json')).lines
  for (const verb of ['subject', 'erase']) {
    const wrong = await run('privacy', verb, to, '--patron', ben.patron.id, ...(verb === 'erase' ? ['--yes'] : []))
    expect(wrong).toMatchObject({ code: 1, out: '', err: expect.stringContaining('Not at this address') })
  }
})

test('a refusal outlives the erased number, and the certificate says so', async () => {
  maria()
  await prm(['send', to, ...text], { cwd })
  program(`
await prm.recordConsent({ address: { scheme: 'tel', value: '${to}' }, purpose: '*', state: 'denied', basis: 'stop' })`)
  const erased = await run('privacy', 'erase', to, '--yes', '--json')
  expect(erased.lines[0].kept).toEqual([
    expect.objectContaining({ what: expect.stringContaining('1 refusal, under a keyed hash') }),
  ])
  expect((await run('send', to, ...text, '--key', 'later')).out).toContain('Not sent: suppressed')
})

test('export and import: another store is the same store; what is no export is named by its line', async () => {
  maria()
  await run('send', to, ...text)
  await run('send', to, '--purpose', 'notices', '--text', 'We open\u2028at noon.')
  const out = await run('export', '--out', 'all.ndjson')
  expect(out).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+ rows in all\.ndjson\.\n$/) })
  expect(await run('export', '--out', 'all.ndjson')).toMatchObject({ code: 1 })
  const rows = readFileSync(join(cwd, 'all.ndjson'), 'utf8')
  const other = folder(sample(simulator.credentials, simulator.url))
  const imported = await prm(['import', join(cwd, 'all.ndjson')], { cwd: other })
  expect(imported).toMatchObject({ code: 0, out: `${out.out.split(' ', 1)[0]} rows.\n` })
  const again = (await prm(['export'], { cwd: other })).out
  // But for the look of the export itself.
  const facts = (all: string) =>
    all.split('\n').filter((line) => /"kind":"(patron|interaction|message|decision)"/.test(line))
  expect(facts(again)).toEqual(facts(rows))
  expect(await prm(['import', join(cwd, 'all.ndjson')], { cwd: other })).toMatchObject({ code: 1 })

  writeFileSync(join(cwd, 'broken.ndjson'), `${rows.split('\n')[0]}\nname,phone\n`)
  const empty = folder(sample(simulator.credentials, simulator.url))
  const broken = await prm(['import', join(cwd, 'broken.ndjson')], { cwd: empty })
  expect(broken).toMatchObject({ code: 2, err: expect.stringContaining('broken.ndjson:2: no JSON') })
  expect(await prm(['import', 'none.ndjson'], { cwd: empty })).toMatchObject({
    code: 2,
    err: 'There is no file none.ndjson.\n',
  })
})

test('jobs: what ended undone is listed with why, and tried again once it is mended', async () => {
  simulator.refuse(to, 21617)
  expect(await run('jobs', 'list')).toMatchObject({
    code: 0,
    out: '',
    err: expect.stringContaining('All that was begun'),
  })
  expect((await run('send', to, ...text, '--key', 'k1')).code).toBe(1)
  const dead = (await run('jobs', 'list', '--json')).lines
  expect(dead).toEqual([expect.objectContaining({ key: 'deliver:k1' })])
  expect(await run('jobs', 'list')).toMatchObject({
    out: expect.stringContaining('deliver:k1\n'),
    err: expect.stringContaining('prm jobs redrive KEY tries one again'),
  })
  expect(await run('jobs', 'redrive')).toMatchObject({ code: 2 })
  const redriven = await run('jobs', 'redrive', '--all', '--json')
  expect(redriven.lines[0].redriven.length + redriven.lines[0].kept.length).toBe(1)
})
