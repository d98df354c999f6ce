import { expect, test } from 'vitest'
import { recorder, replay } from '../src/index.ts'

const ada = {
  card: '23529000010001',
  mail: 'ada@mail.example',
  surname: 'Pine',
  born: '1990-04-01',
  id: 1001,
  phone: 2125550134,
}
const vendor: typeof globalThis.fetch = async (input) => {
  const { pathname, searchParams } = new URL(new Request(input).url)
  if (pathname === '/token') return Response.json({ access_token: 'b7c1f09a52d64e8e', token_type: 'Bearer' })
  if (pathname === '/patrons') return Response.json(searchParams.get('q')?.includes(ada.mail) ? [ada] : [])
  if (pathname === `/cards/${ada.card}`) return Response.json({ state: 'active', of: ada.surname })
  return new Response('<html>Pine is not here</html>', { status: 404, headers: { 'content-type': 'text/html' } })
}
const persons = [ada.mail, 'the-secret-of-prm']
const of = (fetch: typeof globalThis.fetch) => {
  // biome-ignore lint/suspicious/noExplicitAny: whatever the vendor answers
  const get = async (path: string, init?: RequestInit): Promise<any> =>
    (await fetch(`https://ils.example${path}`, init)).json()
  return {
    async card(mail: string) {
      await get('/token', { method: 'POST', body: 'grant_type=client_credentials&client_secret=the-secret-of-prm' })
      const [patron] = await get(
        `/patrons?${new URLSearchParams({ _order_by: 'surname', q: JSON.stringify({ mail }) })}`,
      )
      return { patron, card: await get(`/cards/${patron.card}`) }
    },
  }
}

test('a recording holds nobody, and plays back as it was', async () => {
  const { fetch, exchanges, scrub } = recorder({ persons, salt: 'a', keep: ['active', 'Bearer'], fetch: vendor })
  await of(fetch).card(ada.mail)
  const text = JSON.stringify(exchanges())
  for (const word of [ada.card, ada.mail, 'ada', ada.surname, '2125550134', 'the-secret', 'b7c1f09a'])
    expect(text).not.toContain(word)
  expect(text).toContain('_order_by=surname')

  const { patron, card } = await of(replay(JSON.parse(text))).card(scrub(ada.mail))
  expect(patron).toMatchObject({ born: ada.born, id: ada.id, surname: scrub(ada.surname), card: scrub(ada.card) })
  expect(patron.card).toMatch(/^235\d{11}$/)
  expect(patron.mail).toMatch(/^[a-z]{3}@[a-z]{4}\.[a-z]{7}$/)
  expect(card).toEqual({ state: 'active', of: patron.surname })
})

test('two recordings name nobody alike', async () => {
  const [one, other] = ['a', 'b'].map((salt) => recorder({ persons, salt, fetch: vendor }).scrub(ada.mail))
  expect(one).not.toBe(other)
})

test('what was not recorded is an error that names it, and a page is played back as a page', async () => {
  const { fetch, exchanges } = recorder({ persons, salt: 'a', fetch: vendor })
  await fetch('https://ils.example/elsewhere')
  const again = replay(exchanges())
  const page = await again('https://ils.example/elsewhere')
  expect([page.status, page.headers.get('content-type')]).toEqual([404, 'text/html'])
  expect(await page.text()).not.toContain('Pine')
  await expect(again('https://ils.example/other')).rejects.toMatchObject({ code: 'config', message: /no GET \/other/ })
})
