import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type Batch, createPrm, type Digest, defineEvent, messageReceived, notice } from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import * as z from 'zod/mini'
import {
  all,
  type Breakable,
  breakable,
  Clock,
  card,
  consentsOf,
  decisionsOf,
  factsOf,
  fakeSms,
  hold,
  jobsOf,
  keyOf,
  library,
  member,
  messageOf,
  messagesOf,
  morning,
  otherPhone,
  person,
  phone,
  plain,
  purposes,
  reported,
  type Springfield,
  scopeOf,
  springfield,
  storeFile,
  tel,
  texted,
  webhook,
} from './fake.ts'

const planted = {
  title: 'The Kumquat Conspiracy',
  name: 'Philippa Quince-Marmalade',
  card: '29451000777123',
  mail: 'pquince@example.org',
  word: 'rutabagas',
}
const secrets = [...Object.values(planted), phone, phone.slice(2)]

/** A host on a file, and every byte that it leaves there. */
function onFile(
  given: Parameters<typeof springfield>[0] = {},
): Springfield & { readonly logs: string[]; bytes(): string } {
  const file = storeFile()
  const logs: string[] = []
  const one = springfield({
    store: sqlite({ file, log: (line) => logs.push(line) }),
    log: (_, message, data) => logs.push(`${message} ${JSON.stringify(data)}`),
    ...given,
  })
  for (const event of ['recorded', 'decided', 'message', 'jobFailed', 'reported'] as const)
    one.prm.on(event, () => logs.push(event))
  const bytes = (): string =>
    readdirSync(dirname(file))
      .filter((name) => name.startsWith(basename(file)))
      .map((name) => readFileSync(join(dirname(file), name), 'latin1'))
      .join('')
  return { ...one, logs, bytes }
}

const patron7 = person(planted.card, phone, {
  name: planted.name,
  also: [tel(phone), { scheme: 'mailto', value: planted.mail }],
})

/** Everything that can be known of one patron: told, answered, refused, waiting, failed, reported, half told. */
async function fill(one: Springfield): Promise<void> {
  one.prm.flow('ask', notice, async ({ event, patron, step }) => {
    await step('remember', () => ({ who: patron?.name ?? '', about: event.data.items }))
    await step.wait('answer', messageReceived, { patronId: patron?.id ?? '' }, { timeout: '20d', only: () => false })
  })
  one.prm.flow('broken', messageReceived, async () => {
    throw new Error(planted.name)
  })
  // Somebody else, who stays.
  await one.prm.record([hold(2, 'other', { title: 'Walden' })], [person('other', otherPhone, { name: 'Henry' })])
  await one.run()
  await one.prm.record([hold(1, planted.card, { title: planted.title })], [patron7])
  await one.run()
  await one.prm.handle(
    webhook([reported('r1', keyOf(hold(1, planted.card)), { state: 'delivered', providerId: 'F2' })]),
  )
  await one.prm.handle(webhook([texted('m1', `I want more ${planted.word}`)]))
  await one.run()
  const [patron] = await one.prm.patrons(card(planted.card))
  one.sms.faults.push('invalid')
  await one.prm.send(plain('dead', { to: patron?.id ?? '', content: { text: `Dear ${planted.name}` } }))
  await one.run()
  await one.prm.send(
    plain('later', { to: tel(phone), notBefore: '2026-12-24T16:00:00.000Z', content: { text: planted.name } }),
  )
  await one.prm.send(
    member('half', { to: patron?.id ?? '', content: { template: 'plain', data: { text: planted.name } } }),
  )
  await one.prm.record([
    { key: 'n1', type: 'note.added', source: 'desk', patronId: patron?.id ?? '', data: { text: planted.name } },
  ])
  await one.prm.handle(webhook([texted('m2', 'STOP')]))
  await one.run()
  await one.prm.send(plain('against', { to: tel(phone) }))
  await one.prm.send(
    member('open', { to: patron?.id ?? '', content: { template: 'plain', data: { text: planted.name } } }),
  )
  for await (const _ of one.prm.as({ kind: 'staff', id: 'ann' }).timeline(patron?.id ?? '')) break
}

function expectNone(where: string, text: string): void {
  for (const secret of secrets) expect(text.includes(secret), `${secret} in ${where}`).toBe(false)
}

async function exportOf({ store }: Springfield): Promise<string> {
  return JSON.stringify(await all(scopeOf(store).export()))
}

const onlyHash = expect.objectContaining({ what: 'when it was erased, under a keyed hash in place of the address' })

describe('erase', () => {
  test('a patron leaves no title, name or number in file, index, job, log, export or at the provider: only the hash', async () => {
    const one = onFile()
    await fill(one)
    for (const secret of secrets.slice(0, 5)) expect(one.bytes(), secret).toContain(secret)
    const [patron] = await one.prm.patrons(card(planted.card))
    const { removed, kept } = await one.prm.erase(patron?.id ?? '')
    expect(removed).toBeGreaterThan(10)
    expectNone('the store file', one.bytes())
    expectNone('the logs', one.logs.join('\n'))
    expectNone('the export', await exportOf(one))
    expect(await all(one.prm.search(planted.word))).toEqual([])
    await one.run()
    expectNone('the provider', JSON.stringify(one.sms.taken.filter(({ to }) => to.value !== otherPhone)))
    expect(kept.map(({ what }) => what)).toContainEqual(expect.stringContaining('keyed hash'))
    // The other's are all there.
    const [other] = await one.prm.patrons(card('other'))
    expect((await all(one.prm.timeline(other?.id ?? ''))).map(({ type }) => type)).toEqual(['message.sent', 'notice'])
    expectNone('the store file after more work', one.bytes())
    await one.prm.close()
  })

  test('a patron of whom only the number is known goes with it', async () => {
    const one = onFile({ quietly: true })
    await one.prm.record([texted('m', planted.word)], [{ at: tel(phone), also: [], name: planted.name }])
    await one.prm.erase(tel(phone))
    expect(await one.prm.patrons(tel(phone))).toEqual([])
    expectNone('the store file', one.bytes())
  })

  test('takes along what was told elsewhere of what they wrote, such as a ticket, and what came of that', async () => {
    const one = springfield({ quietly: true, more: { desk: fakeSms({ medium: 'ticket', schemes: ['ticket'] }) } })
    await one.prm.record([texted('m', planted.word), texted('n', 'Henry asks', otherPhone)], [patron7])
    const ticket = { to: { scheme: 'ticket', value: 'desk' }, adapters: ['desk'] as never } as const
    for (const [key, text] of [
      ['m', planted.word],
      ['n', 'Henry asks'],
    ] as const)
      await one.prm.send(plain(`ticket ${key}`, { ...ticket, about: [{ source: 'sms', key }], content: { text } }))
    await one.run()
    const answer = { source: 'desk', type: 'note.added', about: { source: 'prm', key: 'ticket m' } }
    await one.prm.record([{ ...answer, key: 'a', data: { text: planted.word } }])
    const [patron] = await one.prm.patrons(tel(phone))
    await one.prm.erase(patron?.id ?? '')
    expectNone('the export', await exportOf(one))
    expect(await exportOf(one)).toContain('Henry asks')
    expect((await one.prm.explain('ticket n')).message?.state).toBe('accepted')
  })

  test('a STOP outlives its number, at decision and at release, and is answered no more', async () => {
    const one = onFile({ quietly: true })
    await one.prm.record([], [patron7])
    await one.prm.handle(webhook([texted('m', 'STOP')]))
    await one.run()
    const sent = one.sms.calls
    await one.prm.erase((await one.prm.patrons(tel(phone)))[0]?.id ?? '')
    expect(await consentsOf(one.store)).toEqual([])
    const decision = await one.prm.send(plain('k', { to: tel(phone) }))
    expect(decision.outcome).toMatchObject({ send: false, rule: 'suppressed' })
    await one.prm.handle(webhook([texted('m9', 'STOP')]))
    await one.run()
    expect(one.sms.calls).toBe(sent)
    // And ends as any other: with the patron's own word.
    await one.prm.handle(webhook([texted('m10', 'START')]))
    expect((await one.prm.send(plain('k2', { to: tel(phone) }))).outcome.send).toBe(true)
  })

  test('a STOP outlives its number where many are decided at once, also when the first erasure of all comes between', async () => {
    const store = sqlite({ memory: true })
    let between: (() => Promise<unknown>) | undefined
    const one = springfield({
      quietly: true,
      store: {
        ...store,
        scope(id) {
          const scope = store.scope(id)
          return {
            ...scope,
            async get(kind, id) {
              const row = await scope.get(kind, id)
              const next = kind === 'shared' && id === 'secret check' ? between : undefined
              if (next) between = undefined
              await next?.()
              return row
            },
          }
        },
      },
    })
    const many = async (run: string) => {
      const sends = [phone, otherPhone].map((to) => plain(`${run} ${to}`, { to: tel(to) }))
      return (await all(one.prm.sendAll(sends))).map(({ outcome }) => outcome.send)
    }
    await one.prm.handle(webhook([texted('m', 'STOP')]))
    between = () => one.prm.erase(tel(phone))
    expect(await many('between')).toEqual([true, true])
    await one.run()
    expect((await messagesOf(store)).map(({ key, state }) => `${key} ${state}`).sort()).toEqual([
      `between ${phone} cancelled`,
      `between ${otherPhone} accepted`,
    ])
    expect(await many('after')).toEqual([false, true])
  })

  test('two STOPs of one patron outlive both their numbers', async () => {
    const one = onFile({ quietly: true })
    await one.prm.record([], [person('7', phone, { also: [tel(phone), tel(otherPhone)] })])
    for (const to of [phone, otherPhone])
      await one.prm.recordConsent({ address: tel(to), purpose: '*', state: 'denied', basis: 'stop' })
    await one.prm.erase((await one.prm.patrons(tel(phone)))[0]?.id ?? '')
    for (const number of [phone, otherPhone]) expect(one.bytes()).not.toContain(number)
    for (const to of [phone, otherPhone])
      expect((await one.prm.send(plain(`k ${to}`, { to: tel(to) }))).outcome).toMatchObject({ rule: 'suppressed' })
  })

  test('the hash is keyed: by a secret of the host, else by one of the store', async () => {
    const hashes: string[] = []
    for (let i = 0; i < 2; i++) {
      const one = onFile({ quietly: true })
      await one.prm.handle(webhook([texted('m', 'STOP')]))
      await one.prm.erase(tel(phone))
      const kept = (await all(scopeOf(one.store).export())).filter(({ kind }) => kind === 'consent')
      expect(kept.length).toBe(1)
      hashes.push(JSON.stringify(kept[0]).match(/"scheme":"erased","value":"([\w-]{43})"/)?.[1] ?? '')
    }
    expect(hashes[0]).not.toBe('')
    expect(hashes[0]).not.toBe(hashes[1])
  })

  test("on a family's phone takes one patron, and leaves the other's messages and the phone's STOP", async () => {
    const one = onFile({ quietly: true })
    await one.prm.record([], [patron7, person('8', phone, { name: 'Other' })])
    const ids = await Promise.all(
      ['8', planted.card].map(async (number) => (await one.prm.patrons(card(number)))[0]?.id ?? ''),
    )
    for (const id of ids) await one.prm.send(plain(`k ${id}`, { to: id, notBefore: '2026-11-25T16:00:00.000Z' }))
    await one.prm.handle(webhook([texted('m', 'STOP')]))
    const { kept } = await one.prm.erase(ids[1] ?? '')
    expect(kept.map(({ reason }) => reason)).toContain("it is another patron's too")
    expect((await one.prm.patrons(tel(phone))).map(({ id }) => id)).toEqual([ids[0]])
    expect((await decisionsOf(one.store)).map(({ key }) => key)).toEqual([
      `k ${ids[0]}`,
      expect.stringMatching(/^stop /),
    ])
    expect((await consentsOf(one.store)).length).toBe(1)
    expect((await jobsOf(one.store)).map(({ key }) => key)).toContain(`deliver:k ${ids[0]}`)
    expect((await jobsOf(one.store)).map(({ key }) => key)).not.toContain(`deliver:k ${ids[1]}`)
    for (const secret of [planted.name, planted.card, planted.mail]) expect(one.bytes()).not.toContain(secret)
  })

  test('an address alone is taken from everybody who has it, and they keep the rest', async () => {
    const one = onFile({ quietly: true })
    await one.prm.record([], [patron7, person('8', phone)])
    await one.prm.record([texted('m', planted.word)])
    await one.prm.send(plain('against', { to: tel(phone), content: { text: 'x'.repeat(2_000) } }))
    await one.prm.erase(tel(phone))
    expect(one.bytes()).not.toContain(phone)
    expect(one.bytes()).not.toContain(planted.word)
    const [patron] = await one.prm.patrons({ scheme: 'mailto', value: planted.mail })
    expect(patron?.name).toBe(planted.name)
  })

  test('while a message is under way waits for it, so that the provider can be told to delete it', async () => {
    const sms = fakeSms()
    const one = onFile({ sms, quietly: true })
    let erased: Promise<{ kept: readonly unknown[] }> | undefined
    sms.onTaken = async () => {
      erased = one.prm.erase(tel(phone))
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    await one.prm.send(plain('k'))
    await one.run()
    expect((await erased)?.kept).toEqual([onlyHash])
    expect(await messageOf(one.store, 'k')).toBeUndefined()
    await one.run()
    expect(sms.removed).toEqual(['F1'])
    expectNone('the file', one.bytes())
  })

  describe('while another host comes to what is due', () => {
    const holdsBack = ({ put = [] }: Batch) =>
      put.some(({ kind, value }) => kind === 'message' && value.state === 'cancelled')
    /** That host begins to work before the first commit of which this is true, and its calls last until they are let go. */
    function two(begins: (batch: Batch) => boolean) {
      const store = breakable()
      const sms = fakeSms()
      const clock = new Clock()
      const host = () => springfield({ quietly: true, store, sms, clock })
      const [one, other] = [host(), host()]
      const call = Promise.withResolvers<void>()
      sms.onTaken = () => call.promise
      let working: Promise<unknown> | undefined
      store.before = async (batches) => {
        if (working || !batches.some(begins)) return
        clock.advance('5m')
        working = other.run()
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
      const erase = async () => {
        await one.prm.send(plain('k', { notBefore: '2026-11-24T16:05:00.000Z' }))
        const erased = one.prm.erase(tel(phone))
        setTimeout(() => call.resolve(), 500)
        const { kept } = await erased
        await working
        await one.run()
        expect(await messagesOf(store)).toEqual([])
        return kept
      }
      return { sms, erase }
    }

    test('between the look and the first word, its call is waited for, and what it took is deleted there', async () => {
      const { sms, erase } = two(holdsBack)
      expect(await erase()).toEqual([onlyHash])
      expect([sms.calls, sms.removed]).toEqual([1, ['F1']])
    })

    test('after that, nothing is sent any more', async () => {
      const { sms, erase } = two(({ delete: drop }) => drop?.some(({ kind }) => kind === 'message') ?? false)
      expect(await erase()).toEqual([onlyHash])
      expect(sms.calls).toBe(0)
    })

    test('of a call whose outcome nobody knows the certificate says so', async () => {
      const { sms, erase } = two(holdsBack)
      sms.faults.push('hang')
      expect(await erase()).toContainEqual(mayBeThere)
    })
  })
  const mayBeThere = expect.objectContaining({ what: 'a message that went, or may have gone, by "sms"' })

  test('says of a message that may have gone, and whose id nobody knows, that the provider may keep it', async () => {
    const one = onFile({ quietly: true })
    await one.prm.send(plain('k'))
    one.sms.faults.push('hang')
    await one.run()
    expect((await messageOf(one.store, 'k'))?.state).toBe('unknown')
    expect((await one.prm.erase(tel(phone))).kept).toEqual([onlyHash, mayBeThere])
    expectNone('the file', one.bytes())
  })

  test.each([
    ['our key', { addressStatus: 'blocked' }, 'k'],
    ['the id of the provider', { addressStatus: 'blocked', providerId: 'F1' }, undefined],
    ['our key, as a complaint', { addressStatus: 'complaint' }, 'k'],
  ] as const)('a refusal that is reported only then, by %s, counts all the same', async (_, said, key) => {
    const one = onFile({ quietly: true })
    for (const [key, to] of [
      ['k', phone],
      ['o', otherPhone],
    ] as const)
      await one.prm.send(plain(key, { to: tel(to) }))
    await one.run()
    await one.prm.erase(tel(phone))
    const { about, ...fact } = reported('r', 'k', { state: 'undelivered', ...said })
    await one.prm.handle(webhook([key ? { ...fact, ...(about && { about }) } : fact]))
    expect((await one.prm.send(plain('k2'))).outcome).toMatchObject({ send: false, rule: 'suppressed' })
    expect((await one.prm.send(plain('o2', { to: tel(otherPhone) }))).outcome.send).toBe(true)
    const news = await one.prm.send(plain('k3', { purpose: 'urgent' }))
    expect(news.outcome.send).toBe(said.addressStatus === 'complaint') // which is of its purpose alone
  })

  test('is known for as long as what was planned before may still go: by each address, from the moment on', async () => {
    const one = onFile({ quietly: true })
    const ada = { at: card(planted.card), also: [tel(phone)] }
    const [byPhone, byCard] = [
      { at: card('other'), also: [tel(phone)] },
      { at: card(planted.card), also: [] },
    ]
    const nobody = { at: card('nobody'), also: [tel(otherPhone)] }
    const people = [ada, byPhone, byCard, nobody]
    await one.prm.record([], [patron7])
    expect(await one.prm.erasedSince(people, morning)).toEqual([false, false, false, false])
    one.clock.advance('1h')
    await one.prm.erase((await one.prm.patrons(tel(phone)))[0]?.id ?? '')
    expect(await one.prm.erasedSince(people, morning)).toEqual([true, true, true, false])
    one.clock.advance('1h')
    expect(await one.prm.erasedSince(people, one.clock.now().toISOString())).toEqual([false, false, false, false])
    // One of whom nothing was known here; a card without its realm is one in all of them.
    await one.prm.erase(tel(otherPhone))
    await one.prm.erase({ scheme: 'ils', value: 'third' })
    const third = { at: card('third'), also: [] }
    expect(await one.prm.erasedSince([nobody, third], morning)).toEqual([true, true])
    expectNone('the file', one.bytes())
  })

  test('is written whole or not at all, and can be asked for again', async () => {
    const one = onFile()
    await fill(one)
    const [patron] = await one.prm.patrons(card(planted.card))
    const first = await one.prm.erase(patron?.id ?? '')
    const again = await one.prm.erase(patron?.id ?? '')
    expect(first.removed).toBeGreaterThan(10)
    expect(again).toEqual({ removed: 0, kept: [] })
  })

  test('what the provider refuses to delete is asked for again; what is gone there is done; who cannot is said', async () => {
    const one = onFile({ quietly: true })
    one.sms.removeFaults.push('unavailable', 'not_found')
    for (const key of ['a', 'b']) await one.prm.send(plain(key))
    await one.run()
    await one.prm.erase(tel(phone))
    await one.run()
    expect(one.failed.map(({ error }) => error.code)).toEqual(['unavailable'])
    await one.advance('1h')
    expect(one.sms.removed.length).toBe(1)
    expect(await jobsOf(one.store)).toEqual([])

    const mute = springfield({ sms: fakeSms({ remove: false }), quietly: true })
    await mute.prm.send(plain('a'))
    await mute.run()
    expect((await mute.prm.erase(tel(phone))).kept).toMatchObject([
      onlyHash,
      { what: 'what the provider of "sms" keeps of messages' },
    ])
  })

  test('what a patron is told in place of a child goes with either', async () => {
    const one = onFile({ quietly: true })
    await one.prm.record(
      [],
      [patron7, person('kid', undefined, { category: 'J', relations: [{ kind: 'guardian', at: card(planted.card) }] })],
    )
    const host = createPrm({
      library: { ...library, minors: { categories: ['J'] } },
      adapters: { sms: one.sms },
      store: one.store,
      purposes: { guarded: { basis: 'service', class: 'service', minor: 'guardian' } },
      now: one.clock.now,
    })
    const [kid] = await host.patrons(card('kid'))
    const to = kid?.id ?? ''
    const decision = await host.send({ to, purpose: 'guarded', content: { text: 'x' }, key: 'k' })
    expect(decision.outcome).toMatchObject({ send: true, to: tel(phone) })
    await host.recordConsent({ address: tel(phone), purpose: '*', state: 'denied', basis: 'request' })
    await host.send({ to, purpose: 'guarded', content: { text: 'x' }, key: 'against' })
    await one.prm.erase((await one.prm.patrons(tel(phone)))[0]?.id ?? '')
    expectNone('the file', one.bytes())
  })

  test('nobody names them as a guardian any more', async () => {
    const one = onFile({ quietly: true })
    await one.prm.record(
      [],
      [patron7, person('kid', otherPhone, { relations: [{ kind: 'guardian', at: card(planted.card) }] })],
    )
    const id = (await one.prm.patrons(tel(phone)))[0]?.id ?? ''
    expect(one.bytes()).toContain(id)
    await one.prm.erase(id)
    expect(one.bytes()).not.toContain(id)
    expect((await one.prm.patrons(card('kid')))[0]?.relations).toEqual([])
  })

  test('a number of earlier days goes too, with its STOP', async () => {
    const one = onFile({ quietly: true })
    await one.prm.record([], [patron7])
    const id = (await one.prm.patrons(tel(phone)))[0]?.id ?? ''
    await one.prm.send(plain('k', { to: id }))
    await one.prm.handle(webhook([texted('m', 'STOP')]))
    await one.run()
    await one.prm.record([], [{ ...patron7, also: [tel('+12125550111')] }])
    await one.prm.erase(id)
    expectNone('the file', one.bytes())
    expect((await one.prm.send(plain('k2', { to: tel(phone) }))).outcome).toMatchObject({
      send: false,
      rule: 'suppressed',
    })
  })

  test('what was told once is forgotten with them, and of nobody else; what expires takes it along', async () => {
    const one = springfield()
    const claims = async () => (await all(scopeOf(one.store).export())).filter(({ kind }) => kind === 'claim').length
    await one.prm.record(
      [hold(1, '7'), hold(2, '7'), hold(3, '8'), hold(4, '9')],
      [person('7', phone), person('8', otherPhone)],
    )
    await one.run()
    expect(await claims()).toBe(4) // three matters, and the second of two sends in one message; nobody was told the fourth
    const [patron] = await one.prm.patrons(card('7'))
    await one.prm.erase(patron?.id ?? '')
    expect(await claims()).toBe(1)
    await one.advance('70d')
    expect(await claims()).toBe(0)
  })

  test('one of two numbers leaves the decisions that were made of both', async () => {
    const one = onFile({ quietly: true })
    await one.prm.record([], [person('7', '+12125550111', { also: [tel('+12125550111'), tel(phone)] })])
    const id = (await one.prm.patrons(tel(phone)))[0]?.id ?? ''
    await one.prm.send(plain('k', { to: id }))
    await one.prm.erase(tel(phone))
    expect(one.bytes()).not.toContain(phone)
    await expect(one.prm.replay('k')).rejects.toMatchObject({ code: 'not_found' })
  })

  test('while a flow is at work on them waits for it, and nobody is texted afterwards', async () => {
    const one = onFile({ quietly: true })
    const asked = Promise.withResolvers<void>()
    one.prm.flow('slow', notice, async ({ step, prm }) => {
      const name = await step('ask', async () => {
        asked.resolve()
        await new Promise((resolve) => setTimeout(resolve, 300))
        return planted.name
      })
      await prm.send(plain('k', { to: tel(phone), content: { text: `${name}, your hold is ready` } }))
    })
    await one.prm.record([hold(1, planted.card, { title: planted.title })], [patron7])
    const run = one.run()
    await asked.promise
    await one.prm.erase((await one.prm.patrons(tel(phone)))[0]?.id ?? '')
    await run
    await one.run()
    expect(one.sms.taken).toEqual([])
    expectNone('the file', one.bytes())
  })

  describe('another secret than the erased refusals were made with', () => {
    function hosts() {
      const store = sqlite({ memory: true })
      const sms = fakeSms()
      const host = (secret?: string) =>
        createPrm({
          library,
          adapters: { sms },
          store,
          purposes: { pickup: { basis: 'service', class: 'service' } },
          ...(secret && { pseudonymKey: secret.repeat(16) }),
        })
      const stop = (to: string) =>
        host('a').recordConsent({ address: tel(to), purpose: '*', state: 'denied', basis: 'stop' })
      return { host, stop, sms }
    }
    const ask = (key: string, to = phone) =>
      ({ to: tel(to), purpose: 'pickup', content: { text: 'x' }, key: `${key} ${to}` }) as const
    const refused = { code: 'config', field: 'pseudonymKey' }

    test('decides nothing', async () => {
      const { host, stop } = hosts()
      expect((await host('a').send(ask('a'))).outcome.send).toBe(true)
      expect((await host('b').send(ask('b'))).outcome.send).toBe(true) // nothing was erased yet
      await stop(phone)
      await host('a').erase(tel(phone))
      expect((await host('a').send(ask('a2'))).outcome).toMatchObject({ send: false, rule: 'suppressed' })
      for (const other of ['b', undefined]) await expect(host(other).send(ask('c'))).rejects.toMatchObject(refused)
    })

    test('decides, erases and sends nothing any more where it was in use before the first erasure', async () => {
      const { host, stop, sms } = hosts()
      const other = host('b')
      await other.send(ask('before', otherPhone))
      for (const to of [phone, otherPhone]) await stop(to)
      await host('a').erase(tel(phone))
      await expect(other.send(ask('one'))).rejects.toMatchObject(refused)
      await expect(all(other.sendAll([ask('many'), ask('many', otherPhone)]))).rejects.toMatchObject(refused)
      await expect(other.erase(tel(otherPhone))).rejects.toMatchObject(refused)
      await other.run({ once: true })
      expect(sms.taken).toEqual([])
    })

    test('of two that erase first, at once, one is refused, and nobody is forgotten', async () => {
      const { host, stop } = hosts()
      for (const to of [phone, otherPhone]) await stop(to)
      const [a, b] = await Promise.allSettled([host('a').erase(tel(phone)), host('b').erase(tel(otherPhone))])
      expect([a.status, b.status].sort()).toEqual(['fulfilled', 'rejected'])
      const first = host(a.status === 'fulfilled' ? 'a' : 'b')
      for (const to of [phone, otherPhone]) expect((await first.send(ask('after', to))).outcome.send).toBe(false)
    })
  })

  test('that somebody else writes against without end is given up with an error', async () => {
    const store = breakable()
    const one = springfield({ store, quietly: true })
    await one.prm.record([], [patron7])
    const id = (await one.prm.patrons(tel(phone)))[0]?.id ?? ''
    await one.prm.send(member('half', { to: id }))
    const [digest] = await all(scopeOf(store).find('digest', {}))
    store.before = async (batches) => {
      const writes = batches.some(({ delete: drop }) => drop?.length)
      if (writes && digest) await sqliteTouch(store, digest)
    }
    await expect(one.prm.erase(id)).rejects.toMatchObject({ code: 'conflict' })
  })

  test('leaves a row in the audit that names who erased, and nobody else', async () => {
    const one = onFile({ quietly: true })
    await one.prm.record([], [patron7])
    const staff = one.prm.as({ kind: 'staff', id: 'ann' })
    const [patron] = await staff.patrons(tel(phone))
    await staff.erase(patron?.id ?? '')
    expect((await all(one.prm.audit())).map(({ action, by, patronId }) => [action, by.id, patronId])).toEqual([
      ['erase', 'ann', undefined],
    ])
  })
})

describe('the audit', () => {
  test('names who looked at whom, and how, before anything is shown', async () => {
    const one = springfield()
    await one.prm.record([hold(1, '7')], [person('7', phone)])
    await one.run()
    await one.prm.handle(webhook([texted('m', 'about kumquats')]))
    const ann = one.prm.as({ kind: 'staff', id: 'ann' })
    const [patron] = await ann.patrons(tel(phone))
    one.clock.advance('1s')
    await all(ann.timeline(patron?.id ?? ''))
    one.clock.advance('1s')
    await all(ann.search('kumq'))
    one.clock.advance('1s')
    await ann.explain(keyOf(hold(1, '7')))
    const rows = await all(one.prm.audit({ patronId: patron?.id ?? '' }))
    expect(rows.map(({ by, action }) => `${by.id} ${action}`)).toEqual(
      ['explain', 'search', 'timeline', 'patrons'].map((did) => `ann ${did}`),
    )
    expect(await all(one.prm.audit({ patronId: 'x' }))).toEqual([])
  })
})

describe('the audit of what shows nothing', () => {
  test('has a look at nobody, and a try that decides nothing', async () => {
    const one = springfield({ quietly: true })
    await one.prm.record([], [patron7])
    const ann = one.prm.as({ kind: 'staff', id: 'ann' })
    await ann.patrons(card('nobody'))
    one.clock.advance('1s')
    const { patronId } = await ann.send(plain('k', { to: card(planted.card), dryRun: true }))
    expect((await all(one.prm.audit())).map(({ action, patronId: whose }) => [action, whose])).toEqual([
      ['send', patronId],
      ['patrons', undefined],
    ])
  })
})

describe('the timeline', () => {
  test('holds what we sent and what they said, newest first, with their states', async () => {
    const one = springfield()
    await one.prm.record([hold(1, '7')], [person('7', phone)])
    one.clock.advance('1m')
    await one.run()
    one.clock.advance('1m')
    await one.prm.handle(webhook([texted('m', 'thanks')]))
    const [patron] = await one.prm.patrons(tel(phone))
    const rows = await all(one.prm.timeline(patron?.id ?? ''))
    expect(rows.map(({ type, source }) => `${source} ${type}`)).toEqual([
      'sms message.received',
      'prm message.sent',
      'ils notice',
    ])
    expect(rows[1]?.data).toMatchObject({ state: 'accepted', via: 'sms', content: { text: '1 to collect at Main.' } })
    expect((await all(one.prm.timeline(patron?.id ?? '', { limit: 1 }))).length).toBe(1)
    expect(
      (await all(one.prm.timeline(patron?.id ?? '', { since: one.clock.now().toISOString() }))).map(({ key }) => key),
    ).toEqual(['m'])
  })
})

describe('search', () => {
  test('finds what patrons wrote, and no title of what they read', async () => {
    const one = springfield()
    await one.prm.record([hold(1, '7', { title: planted.title })], [person('7', phone)])
    await one.run()
    await one.prm.handle(webhook([texted('m', 'Où est mon parapluie?')]))
    expect((await all(one.prm.search('ou parap'))).map(({ key }) => key)).toEqual(['m'])
    for (const word of ['Kumquat', 'collect', '7']) expect(await all(one.prm.search(word))).toEqual([])
  })
})

describe('retention', () => {
  const days = async (one: Springfield, count: number): Promise<void> => {
    one.clock.ms += count * 86_400_000
    await one.run()
  }

  test('notice items go 30 days after their last date, messages after 90, by the daily job; figures and keys stay', async () => {
    const one = onFile()
    await one.prm.record([hold(1, planted.card, { title: planted.title, collectBy: '2026-12-04' })], [patron7])
    await one.run()
    await one.prm.handle(webhook([texted('m', planted.word)]))
    await days(one, 31)
    expect(one.bytes()).toContain(planted.title) // the hold was to be collected by 4 December
    await days(one, 10)
    expect(one.bytes()).not.toContain(planted.title)
    expect(one.bytes()).toContain('to collect at')
    await days(one, 50)
    for (const gone of ['to collect at', planted.word]) expect(one.bytes()).not.toContain(gone)
    expect(await all(one.prm.search(planted.word))).toEqual([])
    const [message] = await all(scopeOf(one.store).find('message', {}))
    expect(message).toMatchObject({
      purpose: 'pickup',
      via: 'sms',
      state: 'sent',
      units: 1,
      to: { scheme: 'expired', value: '' },
    })
    expect(message?.providerId).toBeUndefined()
    const [decision] = await decisionsOf(one.store)
    expect(decision).toMatchObject({ outcome: { send: true }, inputs: { own: 'fact.expired' } })
    expect(decision?.patronId).toBeUndefined()
    expect((await one.prm.patrons(tel(phone))).length).toBe(1) // the patron stays as long as the ILS knows them
  })

  test('a source that tells it again after that tells it nobody twice', async () => {
    const one = onFile()
    const fact = hold(1, planted.card, { collectBy: '2026-12-04' })
    one.ils.batches = [{ interactions: [fact], people: [patron7] }]
    await one.run()
    for (let i = 0; i < 5; i++) await days(one, 30)
    expect(one.sms.taken.length).toBe(1)
    expect(await factsOf(one.store, 'notice')).toEqual([])
  })

  test('an event type says how long it is kept; one that says nothing 90 days, also when its adapter is gone', async () => {
    const one = onFile({ quietly: true })
    await one.prm.record([{ key: 'n', type: 'desk.note', source: 'desk', data: { text: planted.name } }])
    await days(one, 89)
    expect(one.bytes()).toContain(planted.name)
    await days(one, 2)
    expect(await exportOf(one)).not.toContain(planted.name)
    await days(one, 7) // once a week the medium is cleared too
    expect(one.bytes()).not.toContain(planted.name)
    expect(await factsOf(one.store, 'fact.expired')).toMatchObject([{ key: 'n', data: { type: 'desk.note' } }])
  })

  test('what is still on its way is left alone until it has come to an end', async () => {
    const one = onFile({ quietly: true })
    await one.prm.send(plain('far', { notBefore: '2027-06-01T16:00:00.000Z' }))
    await one.prm.send(plain('near'))
    await days(one, 100)
    expect(await messageOf(one.store, 'far')).toMatchObject({ state: 'planned', to: tel(phone) })
    expect(await messageOf(one.store, 'near')).toMatchObject({ to: { scheme: 'expired' } })
    await days(one, 100)
    expect(one.sms.taken.map(({ key }) => key)).toEqual(['near', 'far'])
    await days(one, 2)
    // Asked for meanwhile.
    expect(await messageOf(one.store, 'far')).toMatchObject({ state: 'sent', to: { scheme: 'expired' } })
  })

  test('a fact that a flow waits over, or has not seen yet, is kept for it', async () => {
    const one = onFile({ quietly: true })
    const said: string[] = []
    one.prm.flow('slow', notice, async ({ event, step }) => {
      await step.sleep('long', '60d')
      said.push(event.data.items[0]?.title ?? '')
    })
    await one.prm.record([hold(1, '7', { collectBy: '2026-11-25' })])
    await one.run()
    await days(one, 40)
    await days(one, 20)
    expect(said).toEqual(['A Secret History'])
    await days(one, 1)
    expect(await factsOf(one.store, 'notice')).toEqual([])
  })

  test('a type that another host keeps longer is kept as long by a host that does not know it', async () => {
    const diary = defineEvent('diary', z.object({ text: z.string() }), { retention: '400d' })
    const short = defineEvent('visit', z.object({ text: z.string() }), { retention: '7d' })
    const store = sqlite({ memory: true })
    const clock = new Clock()
    const knows = createPrm({ library, adapters: {}, store, purposes, events: [diary, short], now: clock.now })
    const other = springfield({ store, clock, quietly: true })
    const source = 'desk'
    await knows.record([
      { source, key: 'd', type: 'diary', data: { text: 'x' } },
      { source, key: 'v', type: 'visit', data: { text: 'x' } },
    ])
    await expect(knows.record([{ source, key: 'bad', type: 'visit', data: {} }])).rejects.toMatchObject({
      code: 'invalid',
    })
    await days(other, 30)
    expect((await factsOf(store, 'visit')).length).toBe(0)
    await days(other, 200)
    expect((await factsOf(store, 'diary')).length).toBe(1)
    await days(other, 200)
    expect((await factsOf(store, 'diary')).length).toBe(0)
  })

  test('a type that several give is kept for as long as the shortest says: host, adapters and flows', async () => {
    const visit = defineEvent('visit', z.object({ text: z.string() }), { retention: '30d' })
    const { retention: _, ...unsaid } = visit
    const emitting = (...emits: (typeof visit)[]) => ({ spec: 1 as const, kind: 'door', version: '1.0.0', emits })
    const short = { ...visit, retention: '7d' as const }
    for (const [first, second, events] of [
      [short, visit, []],
      [visit, short, []],
      [visit, visit, [short]],
      [unsaid, short, []],
    ] as const) {
      const [store, clock] = [sqlite({ memory: true }), new Clock()]
      const adapters = { one: emitting(first), two: emitting(second) }
      const prm = createPrm({ library, adapters, store, purposes, events, now: clock.now })
      prm.flow('counted', visit, async () => {})
      await prm.record([{ source: 'desk', key: 'v', type: 'visit', data: { text: 'x' } }])
      await prm.run({ once: true })
      await days(springfield({ store, clock, quietly: true }), 10)
      expect((await factsOf(store, 'visit')).length).toBe(0)
    }
  })

  test('what a flow of another host was promised is kept for it; what a dead letter was told goes', async () => {
    const one = onFile({ quietly: true })
    // The store dates its rows by the machine's clock, which must not be ahead of the host's.
    vi.useFakeTimers({ toFake: ['Date'], now: one.clock.ms })
    onTestFinished(() => void vi.useRealTimers())
    const other = springfield({ store: one.store, clock: one.clock, quietly: true })
    const said: string[] = []
    one.prm.flow('late', notice, async ({ event }) => void said.push(event.data.items[0]?.title ?? ''))
    one.prm.flow('broken', notice, async ({ step }) => {
      await step('remember', () => planted.name)
      throw new Error('always')
    })
    await one.prm.record([hold(1, '7', { title: planted.title, collectBy: '2026-11-25' })])
    await days(other, 100)
    expect((await factsOf(one.store, 'notice')).length).toBe(1)
    for (let i = 0; i < 12; i++) await one.advance('1h')
    expect(said).toEqual([planted.title])
    await days(one, 100)
    await days(one, 10)
    expect(await exportOf(one)).not.toContain(planted.name)
    expect(await exportOf(one)).not.toContain(planted.title)
  })

  test('consent is kept', async () => {
    const one = onFile({ quietly: true })
    await one.prm.handle(webhook([texted('m', 'STOP')]))
    await days(one, 400)
    expect((await consentsOf(one.store)).map(({ state, basis }) => [state, basis])).toEqual([['denied', 'stop']])
  })
})

/** Somebody else's write to the row. */
async function sqliteTouch(store: Breakable, digest: Digest): Promise<void> {
  const before = store.before
  store.before = () => undefined
  await scopeOf(store).commit([{ put: [{ kind: 'digest', value: digest }] }])
  store.before = before
}
