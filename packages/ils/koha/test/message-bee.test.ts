import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FeedPage, Json } from '@prm/core'
import { PrmError } from '@prm/core'
import { expect, onTestFinished, test } from 'vitest'
import { koha, type MessageBeeConfig } from '../src/index.ts'
import { type Alder, alder, context, id, now, place } from './context.ts'

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'prm-koha-'))
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}

type Host = Alder & {
  readonly path: string
  readonly archive: string
  /** One look, from the cursor of the last. */
  look(): Promise<FeedPage[]>
}

async function host(more: { keep?: boolean; letters?: MessageBeeConfig['letters'] } = {}): Promise<Host> {
  const [path, archive] = [await folder(), await folder()]
  const messageBee = { path, ...(!more.keep && { archive }), ...(more.letters && { letters: more.letters }) }
  const made = await alder({ plugins: ['message-bee'] }, { messageBee })
  let cursor: Json | undefined
  const look = async () => {
    const found: FeedPage[] = []
    for await (const batch of made.koha.feed.pull(cursor, made.ctx)) {
      found.push(batch)
      cursor = JSON.parse(JSON.stringify(batch.cursor)) as Json
    }
    return found
  }
  return { ...made, path, archive, look }
}
const keys = (batches: readonly FeedPage[]) => batches.flatMap(({ interactions }) => interactions.map(({ key }) => key))
const bad = (batches: readonly FeedPage[]) => batches.flatMap((batch) => batch.rejected ?? [])
const file = '2026-11-24T14-55-00.json'

test('a file of the plugin is notices and the people they are for, without asking Koha', async () => {
  const { simulator, path, archive, look } = await host()
  const text = simulator.messageBee([
    { message_id: 71, holds: [3001] },
    { message_id: 72, letter: 'DUEDGST', transport: 'email', patron_id: 1002, checkouts: [2001] },
  ])
  await writeFile(join(path, file), text)
  const [batch, ...rest] = await look()
  expect(rest).toEqual([])
  expect(batch).toMatchObject({
    interactions: [
      {
        key: 'hold-ready message 71',
        who: id(1001),
        branch: 'ELM',
        origin: '71',
        data: {
          kind: 'hold-ready',
          subjectKey: 'hold:koha:3001',
          items: [{ id: '502', barcode: '3900010102', title: 'A Garden in Winter', collectBy: '2026-11-30' }],
          medium: 'sms',
        },
      },
      {
        key: 'due-today message 72',
        who: id(1002),
        branch: 'ELM',
        data: { items: [{ due: '2026-11-26' }], medium: 'email' },
      },
    ],
    people: [
      {
        at: id(1001),
        also: [
          { scheme: 'ils', realm: 'koha/card', value: '23529000010001' },
          { scheme: 'tel', value: '+12125550134' },
          { scheme: 'mailto', value: 'ada@mail.example' },
        ],
        name: 'Ada Pine',
        locale: 'en',
        branch: 'ELM',
        birthDate: '1984-02-29',
        blocks: [],
      },
      { at: id(1002), name: 'Ben Rowan', birthDate: null, locale: null },
    ],
    rejected: [],
  })
  expect(batch?.people?.[0]).not.toHaveProperty('preferences')
  expect(simulator.calls()).toEqual([])
  expect([await readdir(path), await readFile(join(archive, file), 'utf8')]).toEqual([[], text])
})

test('it is told once: not at the next look, and by the same keys after a restart that forgot all', async () => {
  const first = await host({ keep: true })
  await writeFile(join(first.path, file), first.simulator.messageBee([{ message_id: 71, holds: [3001] }]))
  expect(keys(await first.look())).toEqual(['hold-ready message 71'])
  expect(await first.look()).toEqual([])
  const again: FeedPage[] = []
  await writeFile(join(first.path, file), first.simulator.messageBee([{ message_id: 72, holds: [3001] }]))
  await utimes(join(first.path, file), now, now)
  expect(keys(await first.look())).toEqual(['hold-ready message 72']) // another file of that name and length
  for await (const batch of first.koha.feed.pull(undefined, first.ctx)) again.push(batch)
  expect(keys(again)).toEqual(['hold-ready message 72'])
  await rm(join(first.path, file))
  expect((await first.look()).map(({ cursor }) => cursor)).toEqual([{}])
})

test('a file is put away only after its last batch is committed, and after a crash between the two at the next look', async () => {
  const { simulator, koha, ctx, path, archive } = await host()
  const letters = Array.from({ length: 120 }, (_, index) => ({ message_id: 100 + index, holds: [3001] }))
  await writeFile(join(path, file), simulator.messageBee(letters))
  const batches: FeedPage[] = []
  for await (const batch of koha.feed.pull(undefined, ctx)) {
    batches.push(batch)
    expect(await readdir(path)).toEqual([file])
    if (batches.length === 3) break // it ends before what stands after the commit
  }
  expect(batches.map(({ interactions }) => interactions.length)).toEqual([50, 50, 20])
  const from = async (cursor: Json | undefined) => {
    const found: FeedPage[] = []
    for await (const batch of koha.feed.pull(cursor, ctx)) found.push(batch)
    return found
  }
  // After the second batch the file is begun again, and nothing of the third is lost.
  for await (const { interactions } of koha.feed.pull(batches[1]?.cursor, ctx)) {
    expect(interactions).toHaveLength(50)
    break
  }
  await writeFile(join(archive, file), 'of another day')
  expect(keys(await from(batches[2]?.cursor))).toEqual([])
  expect(await readdir(path)).toEqual([])
  const [other = '', ...more] = (await readdir(archive)).filter((name) => name !== file)
  expect(more).toEqual([])
  expect(await readFile(join(archive, file), 'utf8')).toBe('of another day')
  expect(keys([batches[0] as FeedPage, batches[2] as FeedPage])).toHaveLength(70)
  expect(await readFile(join(archive, other), 'utf8')).toContain('"message_id":219')
})

test('a file that is being written is left until it is whole; one that stays broken is told once, and stays', async () => {
  const { simulator, path, archive, look } = await host()
  const text = simulator.messageBee([{ message_id: 71, holds: [3001] }])
  await writeFile(join(path, file), text.slice(0, -20))
  expect([keys(await look()), await readdir(path)]).toEqual([[], [file]])
  await writeFile(join(path, file), text)
  expect(keys(await look())).toEqual(['hold-ready message 71'])
  expect(await readdir(path)).toEqual([])

  await writeFile(join(path, 'b.json'), text.slice(0, -20))
  await writeFile(join(path, 'c.json'), Buffer.from('{"messages":[{"a":"\xfc"}]}', 'latin1'))
  await writeFile(join(path, 'd.json'), '{"message":[]}')
  expect(bad(await look())).toEqual([])
  expect(bad(await look())).toEqual([
    { source: 'b.json', reason: 'It is no whole JSON in UTF-8.' },
    { source: 'c.json', reason: 'It is no whole JSON in UTF-8.' },
    { source: 'd.json', reason: 'It has no list "messages".' },
  ])
  expect(await look()).toEqual([])
  expect([await readdir(path), await readdir(archive)]).toEqual([['b.json', 'c.json', 'd.json'], [file]])
  await writeFile(join(path, 'b.json'), text)
  await utimes(join(path, 'b.json'), now, now)
  expect(keys(await look())).toEqual(['hold-ready message 71'])
})

test('a bad message is named by its file, place and field, and keeps the others from nothing', async () => {
  const { simulator, path, look } = await host({ letters: { ODUE4: 'overdue' } })
  const { messages } = JSON.parse(
    simulator.messageBee([
      { message_id: 71, letter: 'ODUE4', checkouts: [2001] },
      { message_id: 72, letter: 'AUTO_RENEWALS', checkouts: [2001] },
      { message_id: 73, letter: 'MEMBERSHIP_EXPIRY' },
    ]),
  ) as { messages: object[] }
  const nobody = { message: { message_id: 74, letter_code: 'HOLD' } }
  const unnamed = { message: { letter_code: 'HOLD', borrowernumber: 1001 } }
  await writeFile(join(path, file), JSON.stringify({ messages: [...messages, nobody, unnamed, unnamed, 'text', null] }))
  const found = await look()
  expect(keys(found)).toEqual(['overdue message 71', 'card-expiring message 73'])
  expect(bad(found).map(({ source }) => source.slice(file.length + 1))).toEqual([
    'messages[1].message.letter_code',
    'messages[3].message',
    'messages[4].message',
    'messages[5].message',
    'messages[6].message.letter_code',
    'messages[7].message.letter_code',
  ])
  expect(JSON.stringify(bad(found))).not.toMatch(/Ada|Tall Ship|1001/)
})

test('rows of one message are one notice, and so is a single hold or loan as older plugins write it', async () => {
  const { simulator, path, look } = await host()
  simulator.loan({ checkout_id: 2002, patron_id: 1001, item_id: 503, due_date: '2026-11-27T23:59:00-06:00' })
  const { messages } = JSON.parse(
    simulator.messageBee([
      { message_id: 71, letter: 'CHECKOUT', checkouts: [2001] },
      { message_id: 71, letter: 'CHECKOUT', checkouts: [2002] },
      { message_id: 72, letter: 'HOLD', holds: [3001] },
    ]),
  ) as { messages: { holds?: object[]; checkouts?: object[] }[] }
  const flat = messages.map(({ holds, checkouts, ...rest }) => ({ ...rest, ...holds?.[0], ...checkouts?.[0] }))
  const said = async (rows: object[]) => {
    await writeFile(join(path, file), JSON.stringify({ messages: rows }))
    return (await look()).flatMap(({ interactions }) => interactions)
  }
  const lists = await said(messages)
  expect(lists.map(({ key, data }) => [key, (data as { subjectKey: string }).subjectKey])).toEqual([
    ['check-out message 71', 'loan:koha:2001/2002'],
    ['hold-ready message 72', 'hold:koha:3001'],
  ])
  expect(lists[0]).toMatchObject({ data: { items: [{ id: '501' }, { id: '503' }] } })
  expect(await said(flat)).toEqual(lists)
})

test('blocks are read of the record, and a card that is over or barred until a past day is told rightly', async () => {
  const { simulator, path, look } = await host()
  const one = (message_id: number, patron: object) => {
    const { messages } = JSON.parse(simulator.messageBee([{ message_id, holds: [3001] }])) as {
      messages: { message: object; patron: object }[]
    }
    const [row] = messages
    const message = { ...row?.message, borrowernumber: message_id }
    return { ...row, message, patron: { ...row?.patron, borrowernumber: message_id, ...patron } }
  }
  const rows = [
    one(1, { debarred: '2026-12-01' }),
    one(2, { debarred: '2026-11-01' }),
    one(3, { lost: 1, gonenoaddress: '1' }),
    one(4, { dateexpiry: '2026-11-01' }),
  ]
  await writeFile(join(path, file), JSON.stringify({ messages: rows }))
  const [batch] = await look()
  expect(batch?.people?.map(({ blocks }) => blocks)).toEqual([
    ['restricted'],
    [],
    ['card-lost', 'address'],
    ['expired'],
  ])
})

test('a folder that cannot be read is an outage and no empty one, and check says so', async () => {
  const { koha, look, path, ctx } = await host()
  expect((await koha.check(ctx)).filter(({ what }) => what.startsWith('feed'))).toMatchObject([
    { what: 'feed.pull', ok: true },
    { what: 'feed.archive', ok: true },
  ])
  await rm(path, { recursive: true })
  await expect(look()).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('ENOENT') })
  expect((await koha.check(ctx)).find(({ what }) => what === 'feed.pull')?.ok).toBe('unknown')
  await mkdir(path)
})

test('Koha hears what became of them by the endpoint of that plugin', async () => {
  const { koha, simulator, ctx, path, look } = await host()
  await writeFile(join(path, file), simulator.messageBee([{ message_id: 71 }, { message_id: 72 }]))
  await look()
  await koha.writeBack?.report(
    [
      { about: { source: 'koha', key: 'a' }, origin: '71', state: 'delivered', at: now.toISOString() },
      { about: { source: 'koha', key: 'b' }, origin: '72', state: 'not-sent', at: now.toISOString() },
    ],
    ctx,
  )
  expect(simulator.calls().map(({ method, path, query }) => `${method} ${path}${query}`)).toEqual(
    expect.arrayContaining([
      'POST /api/v1/contrib/messagebee/message/71/status?status=sent',
      'POST /api/v1/contrib/messagebee/message/72/status?status=failed',
    ]),
  )
  expect([71, 72].map((message) => simulator.town.messages.get(message)?.status)).toEqual(['sent', 'failed'])
})

test.each([
  [{ path: '/srv/a', archive: '/srv/b/../a' }, 'messageBee.archive'],
  [{ path: '' }, 'messageBee.path'],
])('a wrong config is refused by its field: %j', (messageBee, field) => {
  const make = () => koha({ ...place, clientId: 'a', clientSecret: 'b', baseUrl: 'https://koha.example', messageBee })
  expect(make).toThrow(PrmError)
  expect(make).toThrow(expect.objectContaining({ code: 'config', field }))
})

test('both plugins at once are refused: their message ids would be told back to the wrong one', () => {
  const webhook = { clientId: 'a', clientSecret: 'b' }
  const both = { webhook, messageBee: { path: '/srv/a' } }
  const make = () => koha({ ...place, clientId: 'a', clientSecret: 'b', baseUrl: 'https://koha.example', ...both })
  expect(make).toThrow(expect.objectContaining({ code: 'config', field: 'messageBee' }))
})

test('called off, it gives no further batch and puts nothing away', async () => {
  const { simulator, koha, path } = await host()
  await writeFile(join(path, file), simulator.messageBee([{ message_id: 71, holds: [3001] }]))
  const stop = new AbortController()
  for await (const _ of koha.feed.pull(undefined, context({ signal: stop.signal }))) stop.abort()
  expect(await readdir(path)).toEqual([file])
})
