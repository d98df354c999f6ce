import { PrmError } from '@prm/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answer, type EmailSimulator, simulate } from '../simulator/index.ts'
import { type EmailConfig, email } from '../src/index.ts'
import { context, publicUrl, thrown } from './context.ts'
import { ada, from, library, secret } from './library.ts'

let simulator: EmailSimulator
beforeAll(async () => {
  simulator = await simulate()
})
afterAll(() => simulator.close())

const make = (more: Partial<EmailConfig> = {}) =>
  email({ from, secret, smtp: simulator.credentials, inlet: { secret: simulator.inletSecret }, ...more })
const post = (event: object, adapter = make(), ctx = context()) =>
  adapter.webhook
    .receive(simulator.webhook({ url: publicUrl, ...event } as never), ctx)
    .then(({ interactions }) => interactions)

/** Sends one, and answers what it would be unsubscribed with. */
async function unsubscribing(more: Partial<EmailConfig> = {}, purpose = 'news') {
  const adapter = make({ unsubscribe: { purposes: ['news'], mailto: from }, ...more })
  await adapter.channel.send({ key: 'n1', to: ada, purpose, content: { text: 'News.' } }, context())
  await adapter.close()
  const { headers } = simulator.taken().at(-1)?.mail ?? {}
  const list = headers?.get('list') as { unsubscribe?: { url?: string; mail?: string } } | undefined
  return {
    url: list?.unsubscribe?.url ?? '',
    mail: list?.unsubscribe?.mail ?? '',
    post: headers?.get('list')?.valueOf() as { 'unsubscribe-post'?: { name?: string } },
  }
}
const click = (url: string, init: RequestInit = {}) =>
  new Request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'List-Unsubscribe=One-Click',
    ...init,
  })

describe('one click', () => {
  test('unsubscribes from the purpose, without a page in between; again it is the same', async () => {
    const { url, post } = await unsubscribing()
    expect(url).toMatch(/^https:\/\/library\.example\/prm\/mail\?unsubscribe=[\w-]+$/)
    expect(post['unsubscribe-post']?.name).toBe('List-Unsubscribe=One-Click')
    expect(Buffer.from(url.split('=')[1] ?? '', 'base64url').toString('latin1')).not.toContain('ada@')
    const { interactions, reply } = await make().webhook.receive(click(url), context())
    expect(interactions).toMatchObject([
      {
        type: 'message.received',
        who: ada,
        about: { source: 'prm', key: 'n1' },
        data: { optOut: 'stop', confirmed: true, scope: 'news' },
      },
    ])
    expect(reply?.status).toBe(200)
    const form = new FormData()
    form.set('List-Unsubscribe', 'One-Click')
    const again = await make().webhook.receive(new Request(url, { method: 'POST', body: form }), context())
    expect(again.interactions).toEqual(interactions)
  })

  test('by GET, which scanners follow, does nothing but show a button; nor does HEAD or another body', async () => {
    const { url } = await unsubscribing()
    for (const method of ['GET', 'HEAD']) {
      const { interactions, reply } = await make().webhook.receive(new Request(url, { method }), context())
      expect([interactions, reply?.status]).toEqual([[], 200])
      expect(await reply?.text()).toMatch(/<form method="post">.*<button name="List-Unsubscribe" value="One-Click">/)
    }
    expect(await thrown(make().webhook.receive(click(url, { body: 'x=y' }), context()))).toMatchObject({
      code: 'invalid',
    })
  })

  test('with a link that was changed, is another library’s, or is a Message-ID, is refused', async () => {
    const { url } = await unsubscribing()
    const token = url.split('=')[1] ?? ''
    const name = /prm\.([\w-]+)@/.exec(simulator.taken().at(-1)?.mail.messageId ?? '')?.[1] ?? ''
    const flipped = `${token.slice(0, -2)}${token.endsWith('AA') ? 'BB' : 'AA'}`
    for (const one of [flipped, token.slice(0, -4), `A${token.slice(1)}`, name, '', 'x'.repeat(5_000)])
      expect(await thrown(make().webhook.receive(click(`${publicUrl}?unsubscribe=${one}`), context()))).toMatchObject({
        code: 'signature',
      })
    const other = make({ secret: 'the secret of somebody else' })
    expect(await thrown(other.webhook.receive(click(url), context()))).toMatchObject({ code: 'signature' })
    const rotated = make({ secret: 'a new one', previousSecret: secret })
    expect((await rotated.webhook.receive(click(url), context())).interactions).toHaveLength(1)
  })

  test('is offered for the purposes that have it, and where there is a public URL', async () => {
    expect((await unsubscribing({}, 'pickup')).url).toBe('')
    expect((await unsubscribing({ unsubscribe: { purposes: '*' } }, 'pickup')).url).not.toBe('')
    const adapter = make({ unsubscribe: { purposes: '*' } })
    const { publicUrl: _, ...ctx } = context()
    await adapter.channel.send({ key: 'n2', to: ada, purpose: 'news', content: { text: 'News.' } }, ctx)
    await adapter.close()
    expect(simulator.taken().at(-1)?.mail.headers.has('list')).toBe(false)
  })

  test('by mail unsubscribes too, whoever sends it', async () => {
    const { mail } = await unsubscribing()
    const [to, subject] = [mail.split('?')[0], decodeURIComponent(mail.split('subject=')[1] ?? '')]
    expect([to, subject]).toEqual([from, expect.stringMatching(/^unsubscribe [\w-]+$/)])
    expect(await post({ from: 'robot@mailbox.example', text: '', subject })).toMatchObject([
      { who: ada, data: { optOut: 'stop', scope: 'news' } },
    ])
  })

  test('is a consent in the host: no news any more, but holds', async () => {
    const one = await library()
    await one.send('n1', 'News.', 'news')
    const { headers } = one.simulator.taken()[0]?.mail ?? {}
    const list = headers?.get('list') as { unsubscribe?: { url?: string } } | undefined
    const url = list?.unsubscribe?.url ?? ''
    expect((await one.prm.handle(click(url))).status).toBe(200)
    await one.prm.settled()
    expect((await one.send('n2', 'News.', 'news')).outcome).toMatchObject({ send: false, rule: 'suppressed' })
    expect((await one.send('k1')).outcome.send).toBe(true)
    // Nobody is mailed that they get no mails.
    expect(one.simulator.taken()).toHaveLength(2)
    await one.close()
  })
})

describe('a mail that is posted', () => {
  test('is one for five minutes, and with the old secret while it is changed', async () => {
    const request = () => simulator.webhook({ url: publicUrl, from: ada.value, text: 'Hi' } as never)
    const late = (ms: number) => context({ now: () => new Date(Date.now() + ms) })
    expect((await make().webhook.receive(request(), late(4 * 60_000))).interactions).toHaveLength(1)
    for (const ms of [6 * 60_000, -6 * 60_000])
      expect(await thrown(make().webhook.receive(request(), late(ms)))).toMatchObject({ code: 'signature' })
    const rotated = make({ inlet: { secret: 'a new one', previousSecret: simulator.inletSecret } })
    expect((await rotated.webhook.receive(request(), context())).interactions).toHaveLength(1)
    for (const other of [make({ inlet: { secret: 'another' } }), email({ from, secret, smtp: simulator.credentials })])
      expect(await thrown(other.webhook.receive(request(), context()))).toMatchObject({ code: 'signature' })
  })

  test('comes as often as it likes and is one, from whichever server; with other words it is another', async () => {
    const one = await post({ from: ada.value, text: 'Hi', messageId: '<1@p.example>' })
    const again = await post({ from: ada.value, text: 'Hi', messageId: '<1@p.example>', headers: ['Received: from x'] })
    expect(again).toEqual(one)
    const keys = await Promise.all(
      [
        { from: ada.value, text: 'Ho', messageId: '<1@p.example>' },
        { from: 'eve@evil.example', text: 'Hi', messageId: '<1@p.example>' },
        { from: ada.value, text: 'Hi', messageId: '<2@p.example>' },
      ].map(async (mail) => (await post(mail))[0]?.key),
    )
    expect(new Set([one[0]?.key, ...keys]).size).toBe(4)
  })

  test.each([
    ['nobody', answer({ from: '', to: from, text: 'Hi' })],
    ['two people', answer({ from: 'a@p.example, b@p.example', to: from, text: 'Hi' })],
    ['what is no address', answer({ from: 'Ada <ada>', to: from, text: 'Hi' })],
    ['nothing at all', '\r\n'],
  ])('from %s is not taken', async (_, raw) => {
    expect(await thrown(post({ raw }))).toMatchObject({ code: 'invalid' })
  })

  test('from somebody else than its From line says is theirs no more than a letter would be: nothing is confirmed by it', async () => {
    // Eve has seen no mail of ours to Ada, so that hers answers none.
    const [fact] = await post({
      from: `"${ada.value}" <eve@evil.example>`,
      text: '1',
      inReplyTo: '<prm.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA@alder.example>',
    })
    expect([fact?.who, fact?.about]).toEqual([{ scheme: 'mailto', value: 'eve@evil.example' }, undefined])
  })

  test('whoever was handed a mail of Ada’s may answer it, but not for her', async () => {
    const one = await library()
    await one.send('k1')
    const inReplyTo = one.simulator.taken()[0]?.mail.messageId
    const facts = async (mail: object) =>
      (await one.prm.handle(one.simulator.webhook({ url: publicUrl, ...mail } as never))).status
    expect(await facts({ from: 'bo@patron.example', text: '1', inReplyTo, messageId: '<b@p.example>' })).toBe(200)
    expect(await facts({ from: 'ADA@Patron.example', text: '2', inReplyTo, messageId: '<a@p.example>' })).toBe(200)
    const found = []
    for await (const { who, about } of one.prm.store.scope('alder').find('interaction', { type: 'message.received' }))
      found.push([who?.value, about?.key])
    expect(found.sort()).toEqual([
      ['ada@patron.example', 'k1'],
      ['bo@patron.example', undefined],
    ])
    await one.close()
  })

  test('that says STOP is a STOP, that asks how to stop by is not', async () => {
    expect(
      await post({ from: ada.value, text: 'STOP\n\nOn Tue, Nov 24, 2026 at 9:05 AM A <a@b.example> wrote:\n> x' }),
    ).toMatchObject([{ data: { optOut: 'stop' } }])
    expect(await post({ from: ada.value, text: '', subject: 'Unsubscribe' })).toMatchObject([
      { data: { optOut: 'stop' } },
    ])
    const [fact] = await post({ from: ada.value, text: 'Can I stop by on Monday?', subject: 'stop' })
    expect(fact?.data).not.toHaveProperty('optOut')
  })

  test.each([
    ['an answer of a machine', ['Auto-Submitted: auto-replied'], 'auto-reply'],
    ['a list', ['List-Id: <town.example>'], 'list'],
    ['ours, come back', [], 'own'],
  ])('of %s is set aside: no flow on patrons’ mails hears it', async (_, headers, why) => {
    const sender = why === 'own' ? from : ada.value
    expect(await post({ from: sender, text: 'Back on Monday.', subject: 'Away', headers })).toMatchObject([
      { type: 'mail.set-aside', data: { why, text: 'Back on Monday.', subject: 'Away' } },
    ])
  })
})

describe('a report', () => {
  test('of a mail of ours names it, wherever its name stands; of another’s nothing is kept but that it came', async () => {
    const one = await library()
    await one.send('k1')
    const [{ raw = '' } = {}] = one.simulator.taken()
    const of = async (mail: object) => {
      const { interactions } = await one.prm.adapters.mail.webhook.receive(
        one.simulator.webhook({ url: publicUrl, ...mail } as never),
        one.prm.context('mail'),
      )
      return interactions
    }
    expect(await of({ bounce: raw })).toMatchObject([
      {
        type: 'message.delivery',
        about: { source: 'prm', key: 'k1' },
        data: { addressStatus: 'undeliverable', code: '5.1.1' },
      },
    ])
    const id = one.simulator.taken()[0]?.mail.messageId
    const words = answer({
      from: 'MAILER-DAEMON@mx.example',
      to: from,
      subject: 'failure notice',
      text: `Sorry: 550 no such user.\n\n--- Below is a copy.\n\nMessage-Id: ${id}\n`,
    })
    expect(await of({ raw: words })).toMatchObject([
      { about: { key: 'k1' }, data: { state: 'undelivered', addressStatus: 'undeliverable' } },
    ])
    expect(await of({ bounce: 'Message-ID: <1@other.example>\r\n\r\nx' })).toMatchObject([
      { type: 'mail.set-aside', data: { why: 'bounce', text: '' } },
    ])
    const other = email({
      from,
      secret: 'another',
      smtp: one.simulator.credentials,
      inlet: { secret: one.simulator.inletSecret },
    })
    const forged = await other.webhook.receive(
      one.simulator.webhook({ url: publicUrl, bounce: raw } as never),
      one.prm.context('mail'),
    )
    expect(forged.interactions).toMatchObject([{ type: 'mail.set-aside' }])
    await one.close()
  })

  test('that a mailbox is full leaves the address as it is; that a mail arrived is its end', async () => {
    const one = await library()
    await one.send('k1')
    await one.post({
      bounce: one.simulator.taken()[0]?.raw,
      status: '5.2.2',
      diagnostic: 'smtp; 552 5.2.2 Mailbox full',
    })
    expect((await one.prm.explain('k1')).message?.state).toBe('undelivered')
    expect((await one.send('k2')).outcome.send).toBe(true)
    const raw = one.simulator.taken()[1]?.raw
    await one.post({ bounce: raw, status: '4.4.1', action: 'delayed', diagnostic: 'smtp; 451 4.4.1 timeout' })
    expect((await one.prm.explain('k2')).message?.state).toBe('accepted')
    await one.post({ bounce: raw, status: '2.0.0', action: 'delivered', diagnostic: 'smtp; 250 ok' })
    expect((await one.prm.explain('k2')).message?.state).toBe('delivered')
    await one.close()
  })

  test('that somebody complained refuses the purpose, though the mail had arrived', async () => {
    const one = await library()
    await one.send('n1', 'News.', 'news')
    const raw = one.simulator.taken()[0]?.raw
    await one.post({ bounce: raw, status: '2.0.0', action: 'delivered', diagnostic: 'smtp; 250 ok' })
    await one.post({ complaint: raw })
    const next = await one.send('n2', 'News.', 'news')
    expect([next.outcome, next.reasons.at(-1)?.detail]).toEqual([
      { send: false, rule: 'suppressed' },
      'complained on 24 November',
    ])
    expect((await one.send('k1')).outcome.send).toBe(true)
    await one.close()
  })
})

test('a conversation stays one: question, answer, question, in one thread of the mail program', async () => {
  const one = await library()
  await one.post({ from: ada.value, text: 'Open on Sunday?', subject: 'Sunday', messageId: '<q1@p.example>' })
  const open = async () => {
    const all = []
    for await (const conversation of one.prm.conversations({ state: 'open' })) all.push(conversation)
    return all
  }
  const [first, ...more] = await open()
  expect([first?.subject, more]).toEqual(['Sunday', []])
  await one.prm
    .as({ kind: 'staff', id: 'ann' })
    .reply(first?.id ?? '', { text: 'From 1 to 5.' }, { key: 'a1', purpose: 'pickup' })
  await one.prm.settled()
  const [{ mail } = {}] = one.simulator.taken()
  expect([mail?.subject, mail?.inReplyTo, mail?.headers.get('auto-submitted')]).toEqual([
    'Re: Sunday',
    '<q1@p.example>',
    undefined,
  ])
  await one.post({
    from: ada.value,
    text: 'Thanks! Parking?',
    subject: 'Re: Sunday',
    messageId: '<q2@p.example>',
    inReplyTo: mail?.messageId,
  })
  // A second of hers without an answer of ours between belongs there too, by what it refers to.
  await one.post({
    from: ada.value,
    text: 'By the lake?',
    subject: 'Re: Sunday',
    messageId: '<q3@p.example>',
    headers: ['References: <q1@p.example> <q2@p.example>'],
  })
  expect((await open()).map(({ id, pending }) => [id === first?.id, pending.length])).toEqual([[true, 2]])
  // Eve knows its name and gets no further.
  await one.post({
    from: 'eve@evil.example',
    text: 'And me?',
    messageId: '<e@p.example>',
    headers: ['References: <q1@p.example>'],
  })
  expect(await open()).toHaveLength(2)
  await one.close()
})

test('what is thrown is always a PrmError', async () => {
  for (const raw of [
    '',
    '\0',
    'x'.repeat(1000),
    `From: a@b.example\r\nContent-Type: multipart/mixed; boundary="${'('.repeat(2000)}"\r\n\r\n`,
  ])
    await post({ raw }).catch((error: unknown) => expect(PrmError.is(error)).toBe(true))
})
