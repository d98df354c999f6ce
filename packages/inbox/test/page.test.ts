import { createPrm, type Prm } from '@prm/core'
import { inbox, inboxEvents, inboxPage } from '@prm/inbox'
import { sqlite } from '@prm/store-sqlite'
import { describe, expect, test } from 'vitest'
import { html } from '../src/html.ts'
import { card, field, other, phone, sam, secret, type Town, tel, town } from './town.ts'

const body = async (response: Response | Promise<Response>): Promise<string> => (await response).text()
/** What a person gets to see of it. */
const words = (html: string): string => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')

async function formOf({ get }: Town, path: string): Promise<{ token: string; seen: string }> {
  const page = await body(get(path))
  return { token: field(page, 'token'), seen: field(page, 'seen') }
}
async function asked(text = 'can my wife collect it?', given: Parameters<typeof town>[0] = {}) {
  const all = await town(given)
  const { conversationId: id = '' } = await all.text(text)
  return { ...all, id, path: `/c/${id}` }
}

describe('the door', () => {
  test('is shut where the host says nobody may, and says so', async () => {
    const { get, post } = await town({ page: { authorize: undefined as never } })
    for (const response of [await get(), await get('/c/x'), await get('/style.css'), await post('/c/x', {})]) {
      expect(response.status).toBe(403)
      expect(await response.text()).toContain('inboxPage was given no authorize')
    }
  })

  test('is shut to whom the host does not know, and to nobody else', async () => {
    const { prm, path } = await asked()
    for (const where of ['', path, '/style.css']) {
      const response = await prm.handle(new Request(`https://library.example/prm/inbox${where}`))
      expect([response.status, await response.text()]).toEqual([
        403,
        'You may not see the inbox. Sign in as staff, and try again.',
      ])
    }
  })

  test('sends elsewhere where the host does', async () => {
    const { get } = await town({
      page: { authorize: () => new Response(null, { status: 302, headers: { location: '/sign-in' } }) },
    })
    expect((await get()).headers.get('location')).toBe('/sign-in')
  })

  test('a secret that is too short is refused at start', () => {
    expect(() =>
      inboxPage({ secret: 'short', purpose: 'answer', library: { name: '', timeZone: 'UTC', locale: 'en' } }),
    ).toThrow(/secret must be a text of 16/)
  })

  test.each([
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['another site, by an old browser', { origin: 'https://evil.example', 'sec-fetch-site': '' }],
    ['a sister site', { 'sec-fetch-site': 'same-site' }],
    ['nowhere', { origin: '', 'sec-fetch-site': '' }],
    ['a page that hides where it is', { origin: 'null', 'sec-fetch-site': '' }],
  ])('a form from %s does nothing', async (_, headers: Record<string, string>) => {
    const all = await asked()
    const request = new Request(`https://library.example/prm/inbox${all.path}`, {
      method: 'POST',
      headers: {
        'x-staff': 'sam',
        'content-type': 'application/x-www-form-urlencoded',
        ...Object.fromEntries(
          Object.entries({ origin: 'https://library.example', ...headers }).filter(([, value]) => value !== ''),
        ),
      },
      body: new URLSearchParams({ ...(await formOf(all, all.path)), do: 'reply', text: 'x' }).toString(),
    })
    expect((await all.prm.handle(request)).status).toBe(403)
    await all.prm.settled()
    expect(all.sent()).toEqual([])
  })

  test('a form without the token of whoever is signed in does nothing', async () => {
    const all = await asked()
    const form = { ...(await formOf(all, all.path)), do: 'reply', text: 'x' }
    for (const [token, staff] of [
      ['', 'sam'],
      [`${form.token}x`, 'sam'],
      [form.token, 'kim'],
    ] as const)
      expect((await all.post(all.path, { ...form, token }, { 'x-staff': staff })).status).toBe(403)
    expect((await all.post(all.path, form, { 'content-type': 'text/plain' })).status).toBe(415)
    await all.prm.settled()
    expect(all.sent()).toEqual([])
    expect((await all.post(all.path, form)).status).toBe(303)
  })

  test('every answer forbids scripts, frames and keeping', async () => {
    const { get, path } = await asked()
    for (const response of [await get(), await get(path), await get('/style.css'), await get('/nothing')]) {
      const policy = response.headers.get('content-security-policy') ?? ''
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toContain('unsafe-inline')
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(await response.text()).not.toMatch(/<script| style=| on[a-z]+=/i)
    }
  })
})

describe('hostile words', () => {
  const attacks = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    '</textarea><script>alert(1)</script>',
    '</title><script>alert(1)</script>',
    '<a href="javascript:alert(1)">x</a>',
    '&lt;script&gt; & <b>',
    '\u202e\u2066gpj.exe',
    '\u0000<b>',
  ]
  test.each(attacks)('%j is shown as it is, and is no markup', async (attack) => {
    const all = await asked(attack.replaceAll('\0', ''))
    const { desk, id, path, get, post } = all
    await desk.as(sam).tag(id, { add: [attack.replaceAll('\0', '')] })
    await desk.as(sam).note(id, attack.replaceAll('\0', ''))
    await desk.as({ kind: 'staff', id: attack.replaceAll('\0', '') }).claim(id)
    const refused = await post(path, { ...(await formOf(all, path)), do: 'nothing', text: attack })
    for (const page of [await body(get()), await body(get(path)), await body(refused)]) {
      expect(page).not.toMatch(/<(script|img|svg|b>|a href="java)/i)
      expect(page).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/)
      if (attack.startsWith('<script')) expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    }
  })

  test('and closes no attribute', () => {
    expect(html`<input value="${`"'<>&`}">`.html).toBe('<input value="&quot;&#39;&lt;&gt;&amp;">')
  })

  test('nor is a name or a branch that the library system tells', async () => {
    const { meet, hold, text, get } = await town()
    await meet({ at: card('1'), also: [tel(phone)], name: '<script>alert(1)</script>' })
    await hold('17', '1', { branch: '"><img src=x>' })
    const { conversationId: id } = await text('hello?')
    for (const page of [await body(get()), await body(get(`/c/${id}`))]) {
      expect(page).not.toMatch(/<(script|img)/i)
      expect(page).toContain('&quot;&gt;&lt;img src=x&gt;')
    }
  })

  test('is read in the direction of its own letters, and stays on its own lines', async () => {
    const all = await asked('هل المكتبة مفتوحة؟')
    expect(await body(all.get())).toContain('<a dir="auto" href=')
    expect(await body(all.get(all.path))).toContain('<p class="text" dir="auto">هل المكتبة مفتوحة؟</p>')
  })

  test.each(['__proto__', 'constructor', 'toString', '<b>'])(
    'an address that ends in ?done=%s says nothing was done',
    async (done) => {
      const all = await asked()
      const response = await all.get(`${all.path}?done=${encodeURIComponent(done)}`)
      expect([response.status, (await response.text()).includes('role="status"')]).toEqual([200, false])
    },
  )

  test('of another library are not there, whatever is known of their address', async () => {
    const store = sqlite({ memory: true })
    const [maple, alder] = ['maple', 'alder'].map((id) => {
      const library = { id, name: id, timeZone: 'America/Chicago', locale: 'en-US', region: 'US' }
      return createPrm({
        library,
        store,
        adapters: {},
        purposes: { answer: { basis: 'service', class: 'service' } },
        events: inboxEvents,
        pages: { inbox: inboxPage({ library, purpose: 'answer', secret, authorize: () => sam }) },
      })
    }) as [Prm, Prm]
    const id = await inbox(maple, { purpose: 'answer' } as never).task({ key: '1', subject: 'renew loan 17' })
    const at = (path: string, more?: RequestInit) => new Request(`https://library.example/inbox${path}`, more)
    const page = await body(maple.handle(at(`/c/${id}`)))
    expect(page).toContain('renew loan 17')
    const form = new URLSearchParams({ token: field(page, 'token'), seen: '1', do: 'close' })
    const headers = { 'sec-fetch-site': 'same-origin' }
    for (const asked of [at(`/c/${id}`), at(`/c/${id}`, { method: 'POST', headers, body: form })]) {
      const response = await alder.handle(asked)
      expect([response.status, (await response.text()).includes('renew')]).toEqual([404, false])
    }
    expect(await body(alder.handle(at('/')))).toContain('Nobody waits')
    await Promise.all([maple.close(), alder.close()])
  })

  test('1,600 characters and emoji come and go whole', async () => {
    const long = '👩🏽‍🚀é'.repeat(228).slice(0, 1_600)
    const all = await asked(long)
    expect(await body(all.get(all.path))).toContain(long)
    const answer = await all.post(all.path, { ...(await formOf(all, all.path)), do: 'reply', text: '👍🏽'.repeat(20) })
    expect(answer.status).toBe(303)
    await all.prm.settled()
    expect(all.sent()).toEqual(['👍🏽'.repeat(20)])
  })

  test('an answer that is too long is refused with why, and what was typed is kept', async () => {
    const all = await asked()
    const long = 'x'.repeat(1_601)
    const response = await all.post(all.path, { ...(await formOf(all, all.path)), do: 'reply', text: long })
    expect(response.status).toBe(409)
    const page = await response.text()
    expect(page).toContain('too long')
    expect(page).toContain(`${long}</textarea>`)
  })
})

describe('the list', () => {
  test('shows who waits longest first, with how long, what about, and who has it; no name and no whole number', async () => {
    const { text, get, prm, meet, hold, desk } = await town()
    await meet({ at: card('1'), also: [tel(phone)], name: 'Adalberta Example' })
    await hold('17', '1')
    const { conversationId: id = '' } = await text('can my wife collect it?')
    await desk.as(sam).claim(id)
    await prm.advance('90m')
    await text('do you lend tools?', { from: other })
    await text('drills?', { from: other })
    await prm.advance('5m')
    const page = await body(get())
    expect(words(page)).toContain('2 wait, the longest for 1 h 35 min . 1 is with nobody.')
    expect(words(page)).toMatch(
      /can my wife collect it\? waits 1 h 35 min …0123 with sam About the hold that is ready at MAIN, until Nov 30.*do you lend tools\? waits 5 min …0144, not known with nobody 2 texts/,
    )
    expect(page).toContain('<time datetime="2026-11-24T16:00:00.000Z" title="Tue, Nov 24, 10:00 AM">')
    for (const secretOf of ['Adalberta', phone, other, 'Secret Garden']) expect(page).not.toContain(secretOf)
  })

  test('flood from one number: it is one line of the list, and stands in nobody’s way', {
    timeout: 60_000,
  }, async () => {
    const { prm, get, text, provider, desk } = await town()
    for (let n = 0; n < 120; n++) await prm.handle(provider.webhook({ from: other, body: `${n} BUY NOW` }))
    const { conversationId: id = '' } = await text('hello?')
    const page = await body(get())
    expect(words(page)).toContain('2 wait')
    expect(words(page)).toContain('50 or more texts')
    const flood = (await desk.list()).find(({ conversation }) => conversation.id !== id)
    const thread = words(await body(get(`/c/${flood?.conversation.id}`)))
    expect(thread).toContain('Only the last 100')
    expect([thread.includes('119 BUY NOW'), thread.includes(' 19 BUY NOW')]).toEqual([true, false])
  })

  test('by queue, mine, waiting and closed', async () => {
    const { get, desk, id } = await asked()
    const of = async (query: string) => (await body(get(`/${query}`))).includes('can my wife')
    expect([await of('?queue=reference'), await of('?mine'), await of('?state=closed')]).toEqual([false, false, false])
    await desk.as(sam).move(id, 'reference')
    await desk.as(sam).claim(id)
    expect([await of('?queue=reference'), await of('?mine')]).toEqual([true, true])
    await desk.as(sam).close(id)
    expect([await of(''), await of('?state=closed')]).toEqual([false, true])
  })

  test('what was put off is listed with until when, the soonest first', async () => {
    const { get, desk, id, path, text } = await asked()
    const { conversationId: second = '' } = await text('do you lend tools?', { from: other })
    await desk.as(sam).snooze(id, '2026-11-26T17:00:00.000Z')
    await desk.as(sam).snooze(second, '2026-11-25T17:00:00.000Z')
    const page = words(await body(get('/?state=snoozed')))
    expect(page).toMatch(
      /Put off .* 2, the soonest first\. .*tools\? until Wed, Nov 25.*collect it\? until Thu, Nov 26/,
    )
    expect(words(await body(get(path)))).toContain('put off until Thu, Nov 26, 11:00 AM')
    expect(words(await body(get()))).toContain('Nobody waits')
  })

  test('is a list to screen readers too, which take one without marks for none', async () => {
    const { get, path } = await asked()
    for (const page of [await body(get()), await body(get(path))]) expect(page).toMatch(/<ol class="\w+" role="list"/)
  })

  test('each look is in the audit', async () => {
    const { get, path, prm } = await asked()
    await get()
    await get(path)
    const looks = new Set<string>()
    for await (const { by, action } of prm.audit()) looks.add(`${by.id} ${action}`)
    expect([...looks].sort()).toEqual(['sam conversation', 'sam conversations'])
  })
})

describe('a conversation', () => {
  test('is answered, noted, handed on and closed with READ, each by a form', async () => {
    const all = await asked()
    const press = async (form: Record<string, string>) =>
      (await all.post(all.path, { ...(await formOf(all, all.path)), ...form })).headers.get('location')
    expect(await press({ do: 'claim' })).toContain('?done=claim')
    expect(await press({ do: 'note', text: 'asked Kim' })).toContain('?done=note')
    expect(await press({ do: 'tag', text: 'tools, east ,' })).toContain('?done=tag')
    expect(await press({ do: 'move', text: 'reference' })).toContain('?done=move')
    expect(await press({ do: 'reply', text: 'Yes.\r\nWith your card.' })).toContain('?done=sent')
    await all.prm.settled()
    expect(all.sent()).toEqual(['Yes.\nWith your card.'])
    expect(await press({ do: 'assign', text: 'kim' })).toContain('?done=assign')
    expect(await press({ do: 'close', read: '3', class: 'reference' })).toContain('?done=close')
    const page = words(await body(all.get(all.path)))
    for (const said of [
      'closed with kim',
      'reference',
      'tools',
      'east',
      'sam took it',
      'sam noted for staff',
      'asked Kim',
      'Yes. With your card.',
      'sam gave it to kim',
      'sam closed it, READ 3, reference',
    ])
      expect(page).toContain(said)
    expect(await press({ do: 'reopen' })).toContain('?done=reopen')
    expect(await press({ do: 'snooze', hours: '24' })).toContain('?done=snooze')
    expect(await all.desk.list()).toEqual([])
  })

  test('a double click sends once; a colleague’s answer from the same look is not sent and shows what was', async () => {
    const all = await asked()
    const form = { ...(await formOf(all, all.path)), do: 'reply', text: 'Yes.' }
    const kim = {
      ...form,
      token: field(await body(all.get(all.path, { 'x-staff': 'kim' })), 'token'),
      text: 'No, sorry.',
    }
    expect((await all.post(all.path, form)).headers.get('location')).toContain('done=sent')
    expect((await all.post(all.path, form)).headers.get('location')).toContain('done=was-sent')
    const second = await all.post(all.path, kim, { 'x-staff': 'kim' })
    expect(second.status).toBe(409)
    const page = await second.text()
    expect(words(page)).toContain('sam has answered already: see below. Your answer was not sent.')
    expect(page).toContain('No, sorry.</textarea>')
    expect(page).toContain('<p class="text" dir="auto">Yes.</p>')
    await all.prm.settled()
    expect(all.sent()).toEqual(['Yes.'])
  })

  test('tags are taken off as they were put on, and a colleague’s stay', async () => {
    const all = await asked()
    await all.desk.as(sam).tag(all.id, { add: ['tools', 'east'] })
    const page = await body(all.get(all.path))
    expect(page).toContain('value="tools, east"')
    const form = { token: field(page, 'token'), seen: field(page, 'seen'), had: field(page, 'had'), do: 'tag' }
    await all.desk.as({ kind: 'staff', id: 'kim' }).tag(all.id, { add: ['urgent'] })
    await all.post(all.path, { ...form, text: 'tools, drill' })
    expect((await all.desk.thread(all.id)).conversation.tags).toEqual(['tools', 'urgent', 'drill'])
  })

  test('the queue it is in is the one that is chosen, also where that is none or one of its own', async () => {
    const all = await asked()
    const chosen = async () => /id="move".*?<option[^>]* selected>([^<]*)</s.exec(await body(all.get(all.path)))?.[1]
    const put = async (text: string) =>
      (await all.post(all.path, { ...(await formOf(all, all.path)), do: 'move', text })).status
    expect(await chosen()).toBe('none')
    await all.desk.as(sam).move(all.id, 'tasks')
    expect(await chosen()).toBe('tasks')
    expect([await put('reference'), await chosen()]).toEqual([303, 'reference'])
    expect([await put(''), await chosen()]).toEqual([303, 'none'])
    expect((await all.desk.thread(all.id)).conversation.queue).toBeUndefined()
    expect(words(await body(all.get(all.path)))).toContain('sam took it out of its queue')
  })

  test('two notes from one look are two, and a double click keeps one', async () => {
    const all = await asked()
    const form = { ...(await formOf(all, all.path)), do: 'note' }
    for (const text of ['asked Kim', 'and Lee', 'and Lee']) await all.post(all.path, { ...form, text })
    const notes = (await all.desk.thread(all.id)).thread.filter(({ type }) => type === 'inbox.noted')
    expect(notes.map(({ data }) => data)).toEqual([{ text: 'asked Kim' }, { text: 'and Lee' }])
  })

  test('what the patron wrote meanwhile is shown before the answer goes, and what was typed is kept', async () => {
    const all = await asked('may I keep it?')
    const form = { ...(await formOf(all, all.path)), do: 'reply', text: 'Yes.' }
    await all.text('no, wait: it is lost')
    const response = await all.post(all.path, form)
    const page = await response.text()
    expect([response.status, words(page).includes('The patron has written since: look at that')]).toEqual([409, true])
    for (const said of ['no, wait: it is lost', 'Yes.</textarea>']) expect(page).toContain(said)
    const again = await all.post(all.path, { ...form, seen: field(page, 'seen') })
    expect(again.headers.get('location')).toContain('done=sent')
  })

  test('after an answer the next is who waits longest with nobody or with me, not with a colleague', async () => {
    const { text, desk, get } = await town()
    const { conversationId: first = '' } = await text('a', { from: '+12125550001' })
    const { conversationId: second = '' } = await text('b', { from: '+12125550002' })
    const { conversationId: third = '' } = await text('c', { from: '+12125550003' })
    await desk.as({ kind: 'staff', id: 'kim' }).claim(first)
    const next = async (staff: string) =>
      /done" role.*?href="([^"]*)"/.exec(await body(get(`/c/${third}?done=sent`, { 'x-staff': staff })))?.[1]
    expect(await next('sam')).toBe(`/prm/inbox/c/${second}`)
    expect(await next('kim')).toBe(`/prm/inbox/c/${first}`)
    await desk.as({ kind: 'staff', id: 'kim' }).claim(second)
    expect(await next('sam')).toBeUndefined()
  })

  test('one that was merged says where it goes on, and has no buttons', async () => {
    const { text, desk, get } = await town()
    const { conversationId: first = '' } = await text('from my phone')
    const { conversationId: second = '' } = await text('from my other phone', { from: other })
    await desk.as(sam).merge(second, first)
    const page = await body(get(`/c/${second}`))
    expect(page).toContain(`It was merged: <a href="/prm/inbox/c/${first}">it goes on there</a>.`)
    expect(page).not.toContain('<form')
    expect(page).toContain('from my other phone')
  })

  test('a task says whom it is about', async () => {
    const { meet, text, desk, get } = await town()
    await meet({ at: card('1'), also: [tel(phone)], name: 'Ada Example' })
    const { patronId = '' } = await text('RENEW')
    const id = await desk.as(sam).task({ key: 'renewal 17', subject: 'renew loan 17', patronId })
    expect(words(await body(get(`/c/${encodeURIComponent(id)}`)))).toContain(
      'renew loan 17 to answer with nobody Ada Example',
    )
  })

  test('who has it is said to whoever claims it second', async () => {
    const all = await asked()
    await all.desk.as({ kind: 'staff', id: 'kim' }).claim(all.id)
    const response = await all.post(all.path, { ...(await formOf(all, all.path)), do: 'claim' })
    expect([response.status, words(await response.text()).includes('It is with kim.')]).toEqual([409, true])
  })

  test('what cannot be sent says why, and keeps what was typed', async () => {
    const all = await asked()
    await all.text('STOP')
    const response = await all.post(all.path, { ...(await formOf(all, all.path)), do: 'reply', text: 'Yes & no' })
    const page = await response.text()
    expect([response.status, words(page).includes('The answer was not sent: asked to stop on 24 November.')]).toEqual([
      409,
      true,
    ])
    expect(page).toContain('Yes &amp; no</textarea>')
  })

  test.each([
    [{ do: 'reply', text: '  ' }, 422],
    [{ do: 'note', text: '' }, 422],
    [{ do: 'assign', text: '' }, 422],
    [{ do: 'snooze', hours: '0' }, 422],
    [{ do: 'close', read: '9' }, 422],
    [{ do: 'close', class: 'x' }, 422],
    [{ do: 'explode' }, 400],
    [{ seen: '', do: 'claim' }, 400],
  ] as const)('%j does nothing, with what to do', async (form, status) => {
    const all = await asked()
    const before = await all.desk.thread(all.id)
    const response = await all.post(all.path, { ...(await formOf(all, all.path)), ...form })
    expect([response.status, (await response.text()).includes('role="alert"')]).toEqual([status, true])
    expect((await all.desk.thread(all.id)).conversation).toEqual(before.conversation)
  })

  test('is the same where a mount cuts off what stands before its name', async () => {
    const { prm, path, get } = await asked()
    const cut = new Request(`https://library.example/inbox${path}`, { headers: { 'x-staff': 'sam' } })
    expect(await body(prm.handle(cut))).toBe(await body(get(path)))
  })

  test('one that is not there, and a path that is none, are told so', async () => {
    const { get, post, path, prm } = await asked()
    for (const where of ['/c/nothing', '/c/%E0%A4%A', '/c', '/admin', '/c/a/b'])
      expect((await get(where)).status).toBe(404)
    const { token } = await formOf({ get } as Town, path)
    expect((await post('/c/nothing', { token, seen: '1', do: 'claim' })).status).toBe(404)
    expect(
      (
        await prm.handle(
          new Request(`https://library.example/prm/inbox${path}`, {
            method: 'PUT',
            headers: { 'x-staff': 'sam' },
            body: 'x',
          }),
        )
      ).status,
    ).toBe(405)
    expect(secret.length).toBeGreaterThan(15)
  })

  test('a patron’s name and number stand there only as far as an answer needs them', async () => {
    const { text, get, meet } = await town()
    await meet({ at: card('1'), also: [tel(phone)], name: 'Ada Example' })
    const { conversationId: id = '' } = await text('hello?')
    const page = await body(get(`/c/${id}`))
    expect([page.includes('Ada Example'), page.includes(phone), page.includes('…0123')]).toEqual([true, false, true])
  })

  test('an answer during a restart is answered once', async () => {
    const all = await asked()
    const form = { ...(await formOf(all, all.path)), do: 'reply', text: 'Yes.' }
    // Stored and not yet sent when the host stops: whoever pressed the button heard nothing, and presses it again.
    await all.post(all.path, form)
    const twin = await town()
    await twin.prm.import(all.prm.export())
    const page = await body(twin.get(all.path))
    expect(page).toContain('goes as soon as it may')
    expect((await twin.post(all.path, form)).headers.get('location')).toContain('done=was-sent')
    await twin.prm.settled()
    await twin.prm.settled()
    expect(twin.sent()).toEqual(['Yes.'])
  })
})
