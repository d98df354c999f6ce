import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { context, publicUrl, thrown, warned } from './context.ts'
import { keys, rig } from './rig.ts'

const realm = 'facebook'

test('the handshake gives back the challenge as plain text', async () => {
  const { simulator, adapter } = await rig()
  const { reply, interactions } = await adapter.webhook.receive(simulator.handshake(publicUrl), context())
  expect(interactions).toEqual([])
  expect([reply?.status, reply?.headers.get('content-type'), await reply?.text()]).toEqual([
    200,
    'text/plain; charset=utf-8',
    '1158201444',
  ])
})

test.each([
  ['another token', `?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=guessed`],
  ['no token', `?hub.mode=subscribe&hub.challenge=1158201444`],
  ['another mode', '?hub.mode=unsubscribe&hub.challenge=1158201444&hub.verify_token=typed'],
  ['a challenge that is a page', '?hub.mode=subscribe&hub.challenge=%3Cscript%3E&hub.verify_token=typed'],
])('the handshake with %s is 403, and says nothing of the challenge', async (_, query) => {
  const { adapter } = await rig({ verifyToken: 'typed' })
  const { reply } = await adapter.webhook.receive(new Request(publicUrl + query), context())
  expect(reply?.status).toBe(403)
  expect(await reply?.text()).not.toMatch(/1158201444|script/)
})

test('a comment is told once, under its id and what it says, without its author’s name', async () => {
  const { simulator, hear } = await rig()
  const request = simulator.webhook({
    what: 'comment',
    by: 'Wren Okafor',
    on: simulator.wall.comment,
    text: 'Nobody answers. 😀 Grüße',
    url: publicUrl,
  })
  const [fact, ...others] = await hear(request.clone())
  expect(others).toEqual([])
  const id = fact?.who?.value ?? ''
  expect(id).toMatch(/^122100000000001_\d+$/)
  expect(fact).toMatchObject({
    type: 'mention.seen',
    source: 'page',
    who: { scheme: 'post', realm },
    thread: simulator.wall.post,
    at: '2026-11-24T16:00:00.000Z',
    data: {
      text: 'Nobody answers. 😀 Grüße',
      url: `https://www.facebook.com/104000000000001/posts/122100000000001?comment_id=${id.split('_')[1]}`,
      addressed: true,
      answerable: true,
      inReplyTo: simulator.wall.comment,
    },
  })
  expect(fact?.key.startsWith(`${id} `)).toBe(true)
  expect(fact?.evidence?.person).toMatch(/^author [0-9a-f]{24}$/)
  expect(JSON.stringify(fact)).not.toMatch(/Wren|7300000000000000/)
  expect(keys(await hear(request))).toEqual([fact?.key])
})

test('a top comment answers the post, a visitor’s post answers nothing', async () => {
  const { simulator, hear } = await rig()
  const [comment] = await hear({ what: 'comment', by: 'Ines', on: simulator.wall.post, text: 'And on Mondays?' })
  expect(comment?.data.inReplyTo).toBe(simulator.wall.post)
  const [post] = await hear({ what: 'post', by: 'Ines', text: 'Who runs the quilting evening?' })
  expect(post?.data).not.toHaveProperty('inReplyTo')
  expect(post).toMatchObject({
    thread: post?.who?.value,
    data: { text: 'Who runs the quilting evening?', answerable: true },
  })
})

test('an edit and a removal are facts of their own, of the same post', async () => {
  const { simulator, hear, move } = await rig()
  const { post } = simulator.wall
  const [first] = await hear({ what: 'comment', by: 'Ines', on: post, text: 'Is the ramp open?' })
  const id = first?.who?.value ?? ''
  move('2026-11-24T17:00:00.000Z')
  const [edit] = await hear({ what: 'edit', id, text: 'Is the ramp open? Asking for a friend.' })
  expect(edit).toMatchObject({
    who: { value: id },
    at: '2026-11-24T17:00:00.000Z',
    data: { edited: true, text: 'Is the ramp open? Asking for a friend.' },
  })
  move('2026-11-24T18:00:00.000Z')
  const [gone] = await hear({ what: 'remove', id })
  expect(gone).toMatchObject({ key: `${id} gone`, who: { value: id }, data: { text: '', gone: true } })
  expect(gone?.data).not.toHaveProperty('url')
  expect(new Set([first?.key, edit?.key, gone?.key]).size).toBe(3)
})

test('what the page itself says, edits, removes or likes is not told, nor what it hides', async () => {
  const { simulator, hear } = await rig()
  const own = simulator.credentials.pageId
  expect(await hear({ what: 'post', by: own, text: 'Closed on Friday.' })).toEqual([])
  expect(await hear({ what: 'comment', by: own, on: simulator.wall.comment, text: 'Yes, it is.' })).toEqual([])
  expect(await hear({ what: 'edit', id: simulator.wall.post, text: 'Closed.' })).toEqual([])
  expect(await hear({ what: 'react', by: own, to: simulator.wall.comment })).toEqual([])
  expect(await hear({ what: 'hide', id: simulator.wall.comment })).toEqual([])
  expect(await hear({ what: 'remove', id: simulator.wall.post })).toEqual([])
})

test('a reaction, and that it was taken back', async () => {
  const { simulator, hear } = await rig()
  const like = { what: 'react', by: 'Ines', to: simulator.wall.post, kind: 'love' } as const
  const [given] = await hear(like)
  expect(given).toMatchObject({
    type: 'reaction.seen',
    who: { scheme: 'post', value: simulator.wall.post, realm },
    data: { kind: 'love' },
  })
  expect(given?.evidence?.person).toMatch(/^author /)
  const [taken] = await hear({ ...like, gone: true })
  expect(taken?.data).toEqual({ kind: 'love', gone: true })
  const [other] = await hear({ ...like, by: 'Tam Ibarra' })
  expect(new Set(keys([given, taken, other].flatMap((one) => one ?? []))).size).toBe(3)
  const [on] = await hear({ ...like, to: simulator.wall.comment })
  expect(on?.who?.value).toBe(simulator.wall.comment)
})

test('a private message is of somebody, to the page, with its picture', async () => {
  const { simulator, hear } = await rig()
  const { psid } = simulator.wall
  const [fact] = await hear({ what: 'message', by: psid, text: 'May I bring my dog?' })
  expect(fact).toMatchObject({
    type: 'message.received',
    who: { scheme: 'acct', value: psid, realm: 'facebook/104000000000001' },
    to: { scheme: 'acct', value: '104000000000001', realm },
    at: '2026-11-24T16:00:00.000Z',
    data: { content: { text: 'May I bring my dog?' } },
  })
  const [picture] = await hear({ what: 'picture', by: psid, url: 'https://cdn.example.org/1.jpg' })
  expect(picture?.data).toEqual({
    content: { text: '', media: [{ ref: 'https://cdn.example.org/1.jpg', type: 'image/*' }] },
  })
})

test('several entries in one request are all told, each once', async () => {
  const { simulator, hear } = await rig()
  const { psid, post } = simulator.wall
  const facts = await hear({
    batch: [
      { what: 'message', by: psid, text: 'One' },
      { what: 'comment', by: 'Ines', on: post, text: 'Two' },
      { what: 'react', by: 'Ines', to: post },
      { what: 'message', by: psid, text: 'Three' },
    ],
  })
  expect(facts.map(({ type }) => type)).toEqual([
    'message.received',
    'mention.seen',
    'reaction.seen',
    'message.received',
  ])
  expect(new Set(keys(facts)).size).toBe(4)
})

test('an answer of ours comes back as sent, a hand-written one not at all', async () => {
  const { simulator, adapter, hear } = await rig()
  const to = { scheme: 'acct', value: simulator.wall.psid, realm: 'facebook/104000000000001' }
  const answers = [{ key: 'k', at: '2026-11-24T15:59:00.000Z' }]
  const outbound = { key: 'reply:1', to, content: { text: 'Yes.' }, purpose: 'reply', inReplyTo: answers }
  const { id = '' } = await adapter.channel.send(outbound, context())
  const [echo, ...more] = await hear({ what: 'echo', id })
  expect(more).toEqual([])
  expect(echo).toMatchObject({
    type: 'message.delivery',
    about: { source: 'prm', key: 'reply:1' },
    data: { state: 'sent', providerId: id },
  })
  expect(await hear({ what: 'echo', id: simulator.wall.message })).toEqual([])
})

test('delivered is told of each message; who read is not', async () => {
  const { simulator, hear } = await rig()
  const { message, psid } = simulator.wall
  const [delivered, ...others] = await hear({ what: 'delivered', id: message })
  expect(others).toEqual([])
  expect(delivered).toMatchObject({ type: 'message.delivery', data: { state: 'delivered', providerId: message } })
  expect(await hear({ what: 'read', by: psid })).toEqual([])
})

test('an edited message is told again, as what it now says', async () => {
  const { simulator, hear } = await rig()
  const [edit] = await hear({ what: 'edit', id: simulator.wall.message, text: 'Hello! At the market, on Saturday?' })
  expect(edit).toMatchObject({
    type: 'message.received',
    data: { content: { text: 'Hello! At the market, on Saturday?' } },
  })
  expect(edit?.key).toMatch(/ edit 1$/)
})

// ── what is not Meta’s, or not readable ──────────────────────────────────────────────────────
function signedBy(secret: string, body: string): Request {
  const mac = createHmac('sha256', secret).update(body).digest('hex')
  return new Request(publicUrl, { method: 'POST', body, headers: { 'x-hub-signature-256': `sha256=${mac}` } })
}

test('the signature is over the bytes as they came: the same JSON written otherwise is forged', async () => {
  const { simulator, adapter } = await rig()
  const request = simulator.webhook({ what: 'message', by: '77', text: 'Grüße / 😀', url: publicUrl })
  const body = await request.clone().text()
  expect(body).toContain('Gr\\u00fc\\u00dfe \\/ \\ud83d\\ude00')
  const rewritten = JSON.stringify(JSON.parse(body))
  const forged = new Request(publicUrl, { method: 'POST', headers: request.headers, body: rewritten })
  await expect(thrown(adapter.webhook.receive(forged, context()))).resolves.toMatchObject({ code: 'signature' })
  expect((await adapter.webhook.receive(request, context())).interactions).toHaveLength(1)
})

test.each([
  ['of another secret', (body: string) => signedBy('guessed', body)],
  ['missing', (body: string) => new Request(publicUrl, { method: 'POST', body })],
  [
    'of the old kind alone',
    (body: string) =>
      new Request(publicUrl, {
        method: 'POST',
        body,
        headers: { 'x-hub-signature': `sha1=${createHmac('sha1', 'secret').update(body).digest('hex')}` },
      }),
  ],
])('a signature %s is refused', async (_, make) => {
  const { adapter } = await rig({ appSecret: 'secret' })
  const body = JSON.stringify({ object: 'page', entry: [] })
  await expect(thrown(adapter.webhook.receive(make(body), context()))).resolves.toMatchObject({ code: 'signature' })
})

test('signed, and no notification: invalid; of another page or another product: nothing', async () => {
  const { adapter, hear } = await rig({ appSecret: 'secret' })
  for (const body of ['<html>', '[]', '{"object":"page"}'])
    await expect(thrown(adapter.webhook.receive(signedBy('secret', body), context()))).resolves.toMatchObject({
      code: 'invalid',
    })
  const messaging = [{ sender: { id: '1' }, timestamp: 1, message: { mid: 'm_x', text: 'hi' } }]
  for (const [object, id] of [
    ['page', '999'],
    ['instagram', '104000000000001'],
  ])
    expect(await hear(signedBy('secret', JSON.stringify({ object, entry: [{ id, time: 1, messaging }] })))).toEqual([])
})

test('one part that cannot be read takes no other along; ids may be numbers, authors in the older fields', async () => {
  const { adapter } = await rig({ appSecret: 'secret' })
  const ctx = context()
  const entry = {
    id: 104000000000001,
    time: 1,
    messaging: [
      { sender: { id: '77' }, message: { text: 'no mid' } },
      { sender: { id: 77 }, timestamp: 1764000000000, message: { mid: 'm_a', text: 'hi' } },
      {
        sender: { id: '77' },
        timestamp: 1764000000001,
        message: {
          mid: 'm_b',
          attachments: [{ type: 'fallback', title: 'A link', payload: null }, { type: 'location' }],
        },
      },
      { sender: { id: '77' }, timestamp: 1764000000002, postback: { title: 'Get started', payload: 'GO' } },
      { sender: { id: '77' }, timestamp: 1764000000003, optin: {} },
    ],
    changes: [
      { field: 'feed', value: 'nonsense' },
      {
        field: 'feed',
        value: {
          item: 'comment',
          verb: 'add',
          comment_id: '104000000000001_5_6',
          post_id: '104000000000001_5',
          sender_id: 88,
          message: 'Old form',
          created_time: 1764000000,
        },
      },
      { field: 'feed', value: { item: 'event', verb: 'add', post_id: '1_2' } },
      { field: 'ratings', value: { item: 'rating', verb: 'add' } },
      {
        field: 'mention',
        value: {
          item: 'post',
          verb: 'add',
          post_id: '200_9',
          sender_id: '88',
          message: 'Ask @Alder',
          created_time: 1764000000,
        },
      },
    ],
  }
  const request = signedBy('secret', JSON.stringify({ object: 'page', entry: [entry] }))
  const { interactions } = await adapter.webhook.receive(request, ctx)
  expect(
    interactions.map(({ key, data }) => [
      key.split(' ')[0],
      (data as { text?: string; content?: { text: string } }).text ??
        (data as { content: { text: string } }).content.text,
    ]),
  ).toEqual([
    ['5_6', 'Old form'],
    ['200_9', 'Ask @Alder'],
    ['a', 'hi'],
    ['b', 'A link\n[location]'],
    ['77', 'Get started'],
  ])
  expect(interactions[1]?.data).not.toHaveProperty('answerable')
  expect(interactions[0]?.evidence?.person).toBe(interactions[1]?.evidence?.person)
  expect(warned(ctx)).toHaveLength(2)
})

test('a comment without its words is told, and said to be so; its edit is not', async () => {
  const { simulator, adapter } = await rig()
  const ctx = context()
  const hear = async (event: object) =>
    (await adapter.webhook.receive(simulator.webhook({ url: publicUrl, ...event }), ctx)).interactions
  const [fact] = await hear({ what: 'comment', by: 'Ines', on: simulator.wall.post, text: '' })
  expect(fact?.data).toMatchObject({ text: '', answerable: true })
  expect(warned(ctx)).toHaveLength(1)
  expect(await hear({ what: 'edit', id: fact?.who?.value, text: '' })).toEqual([])
  await hear({ what: 'comment', by: 'Ines', on: simulator.wall.post, text: '', photo: true })
  expect(warned(ctx)).toHaveLength(2) // of the edit; a picture needs no words
})

test('a picture or place beside words is told with them; what another app holds is logged', async () => {
  const { adapter } = await rig({ appSecret: 'secret' })
  const hear = async (part: object) => {
    const ctx = context()
    const body = JSON.stringify({ object: 'page', entry: [{ id: '104000000000001', ...part }] })
    const { interactions } = await adapter.webhook.receive(signedBy('secret', body), ctx)
    return { interactions, warned: warned(ctx) }
  }
  const sender = { id: '77' }
  const attachments = [
    { type: 'location', title: 'Market', payload: null },
    { type: 'image', payload: { url: 'https://cdn.example.org/1' } },
  ]
  const message = { mid: 'm_1', text: 'It is here.', attachments }
  expect((await hear({ messaging: [{ sender, message }] })).interactions).toMatchObject([
    {
      data: {
        content: { text: 'It is here.\nMarket', media: [{ ref: 'https://cdn.example.org/1', type: 'image/*' }] },
      },
    },
  ])
  const standby = await hear({ standby: [{ sender, message }], messaging: null })
  expect(standby).toEqual({ interactions: [], warned: [expect.stringContaining('Another app')] })
})
