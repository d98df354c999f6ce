import type { Actor, Adapters } from '@prm/core'
import { testPrm } from '@prm/core/testing'
import { inbox, inboxEvents, inboxPage } from '@prm/inbox'
import { sqlite } from '@prm/store-sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { mentions } from '../src/inbox.ts'
import { listening, listeningEvents, mentionStands } from '../src/index.ts'
import { network } from './network.ts'
import { library, packs, type Town } from './town.ts'

const words = (html: string): string => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')
const field = (page: string, form: string, name: string): string =>
  new RegExp(`name="do" value="own.${form}">(?:(?!</form>)[\\s\\S])*?name="${name}" value="([^"]*)"`).exec(page)?.[1] ??
  ''

async function desk() {
  const [net, forum] = [network('birdsite'), network('forum', { answerable: false })]
  const adapters: Adapters = { birdsite: net, forum }
  const prm: Town['prm'] = await testPrm({
    at: '2026-11-24T16:00:00.000Z',
    store: sqlite({ memory: true }),
    publicUrl: 'https://library.example/prm',
    library,
    adapters,
    purposes: { reply: { basis: 'service', class: 'service', quietHours: 'ignore' } },
    events: [...inboxEvents, ...listeningEvents],
    rechecks: { mention: (r) => stands(r) },
    pages: {
      inbox: inboxPage({
        library,
        purpose: 'reply',
        secret: 'only for tests, only for tests',
        authorize: (request) => ({ kind: 'staff', id: request.headers.get('x-staff') ?? '' }),
        kinds: [mentions(() => listener)],
      }),
    },
  })
  onTestFinished(() => prm.close())
  const stands = mentionStands(prm.store, library.id)
  const listener = listening(prm, { purpose: 'reply', packs, recheck: 'mention', sample: 0 })
  const url = 'https://library.example/prm/inbox'
  const get = async (path: string, staff = 'sam') =>
    (await prm.handle(new Request(`${url}${path}`, { headers: { 'x-staff': staff } }))).text()
  const press = async (path: string, staff: string, form: string, fields: Record<string, string> = {}) => {
    const page = await get(path, staff)
    const n = field(page, form, 'n')
    const [, token = ''] = /name="token" value="([^"]*)"/.exec(page) ?? []
    const [, seen = ''] = /name="seen" value="([^"]*)"/.exec(page) ?? []
    const response = await prm.handle(
      new Request(`${url}${path}`, {
        method: 'POST',
        headers: {
          'x-staff': staff,
          origin: 'https://library.example',
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams({ token, seen, do: `own.${form}`, ...(n && { n }), ...fields }).toString(),
      }),
    )
    await prm.settled()
    const location = response.headers.get('location')
    return location ? words(await get(new URL(location, url).href.slice(url.length))) : words(await response.text())
  }
  const hear = async () => {
    await prm.pull('birdsite')
    await prm.pull('forum')
    await prm.settled()
  }
  const pathOf = async (text: string) =>
    /href="[^"]*(\/c\/[^"]+)"[^>]*>[^<]*/.exec((await get('/')).split(text)[0]?.slice(-200) ?? '')?.[1] ?? ''
  return { prm, net, forum, get, press, hear, pathOf }
}
const question = 'Does anyone know why the printers at AVU Library are down again? <b>My paper</b> is due tonight.'

test('a mention is decided, drafted, approved by a second person and posted from the page alone', async () => {
  const { net, get, press, hear, pathOf, prm } = await desk()
  net.post('p1', question, { author: 'wren' })
  await hear()
  const list = words(await get('/'))
  expect(list).toMatch(
    /Does anyone know why .* birdsite the post score 0\.\d\d negative to decide by Tue, Nov 24, 10:00 AM with nobody/,
  )
  expect(await get('/')).not.toContain('<b>My')
  const path = await pathOf('Does anyone know')
  expect(words(await get(path))).toContain('Suggested: help.')
  expect(await get(path)).not.toContain('Send the answer')

  expect(await press(path, 'sam', 'decide', { is: 'help', reason: 'printers', owner: 'sam' })).toContain('Decided.')
  // Whatever a public answer must not say is refused, with what was typed.
  const refused = await press(path, 'sam', 'draft', { answer: 'Write to wren@mail.example.org.' })
  expect(refused).toMatch(/must not say .*Write to wren@mail\.example\.org\./)
  const drafted = await press(path, 'sam', 'draft', { answer: 'We are sorry. Those at Harbor Branch work.' })
  expect(drafted).toContain('The draft waits for somebody else to approve it.')
  expect(words(await get(path, 'sam'))).toContain('you drafted it: somebody else may approve it')
  expect(await get(path, 'sam')).not.toContain('own.approve')
  expect(net.answers).toEqual([])

  expect(words(await get(path, 'kim'))).toContain('sam drafted it: you may approve it')
  expect(await press(path, 'kim', 'back', { why: 'say until when' })).toContain('sent draft 1 back: say until when')
  await press(path, 'sam', 'draft', { answer: 'We are sorry. Those at Harbor Branch work, until midnight.' })
  expect(await press(path, 'kim', 'approve')).toContain('It is posted as soon as it may.')
  await prm.advance('1m')
  expect(net.answers).toMatchObject([{ to: 'p1', text: 'We are sorry. Those at Harbor Branch work, until midnight.' }])
  const page = words(await get(path))
  for (const told of ['sam decided: help, printers', 'drafted, 2:', 'kim approved draft 2', 'posted the answer'])
    expect(page).toContain(told)
})

test('who drafted it cannot approve it by a form of their own', async () => {
  const { net, press, hear, pathOf, prm } = await desk()
  net.post('p1', question)
  await hear()
  const path = await pathOf('Does anyone know')
  await press(path, 'sam', 'decide', { is: 'help' })
  await press(path, 'sam', 'draft', { answer: 'We are sorry.' })
  expect(await press(path, 'sam', 'approve', { n: '1' })).toContain('omebody else must approve it')
  await prm.advance('1m')
  expect(net.answers).toEqual([])
})

test('a site that no program may answer is answered by hand', async () => {
  const { forum, get, press, hear, pathOf } = await desk()
  forum.post('f1', question)
  await hear()
  const path = await pathOf('Does anyone know')
  await press(path, 'sam', 'decide', { is: 'help' })
  await press(path, 'sam', 'draft', { answer: 'They run again.' })
  await press(path, 'kim', 'approve')
  expect(words(await get(path))).toContain('Post it there by hand')
  expect(await press(path, 'sam', 'byhand', { url: 'https://forum.example.org/posts/f2' })).toContain(
    'it was answered there',
  )
})

test('what a campaign repeats is one line with how many, and a post that is gone shows nothing', async () => {
  const { net, get, hear, pathOf } = await desk()
  for (const n of ['1', '2', '3', '4'])
    net.post(n, `AVU Library must repair its printers before the end of term, and soon. ${n}`, { author: `a${n}` })
  await hear()
  expect(words(await get('/'))).toMatch(/said by 3 more \(3 accounts\)/)
  const path = await pathOf('AVU Library must repair')
  net.takeBack('1')
  await hear()
  const page = words(await get(path))
  expect(page).toMatch(/taken back/)
  expect(page).not.toContain('must repair its printers')
})

test('a member of staff and a text beside it keep their own page', async () => {
  const { prm, get } = await desk()
  const sam: Actor = { kind: 'staff', id: 'sam' }
  const id = await inbox(prm, { purpose: 'reply' }).as(sam).task({ key: '1', subject: 'Look at loan 17' })
  expect(await get(`/c/${encodeURIComponent(id)}`)).toContain('Close it')
})
