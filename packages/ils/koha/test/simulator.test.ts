import { expect, onTestFinished, test } from 'vitest'
import { type SimulateOptions, simulate } from '../simulator/index.ts'

/** As a client that knows nothing of the adapter. */
async function asking(options: SimulateOptions) {
  const simulator = await simulate(options)
  onTestFinished(() => simulator.close())
  const { clientId, clientSecret } = simulator.credentials
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }
  const login = () => fetch(`${simulator.url}/api/v1/oauth/token`, { method: 'POST', body: new URLSearchParams(form) })
  const { access_token } = (await (await login()).json()) as { access_token: string }
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${access_token}`, ...init.headers }
    const response = await fetch(`${simulator.url}/api/v1${path}`, { ...init, headers })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
  }
  return { simulator, ask }
}
const json = (method: string, body: object) => ({ method, body: JSON.stringify(body) })

test('an old Koha says what is wrong in four shapes', async () => {
  const { ask } = await asking({ release: '19.11' })
  expect(await ask('/patrons/77')).toMatchObject({ status: 404, body: { error: 'Patron not found.' } })
  expect(await ask('/patrons?q={}')).toMatchObject({
    status: 400,
    body: [{ message: 'Malformed query string', path: '/query/q' }],
  })
  const put = await ask('/patrons/1001', json('PUT', { surname: 'Pine' }))
  expect(put).toMatchObject({ status: 400, body: { status: 400 } })
  expect(put.body.errors).toContainEqual({ message: 'Missing property.', path: '/body/address' })
  const whole = { surname: 'Pine', address: '1', city: 'A', library_id: 'ELM', category_id: 'PT' }
  const taken = json('PUT', { ...whole, cardnumber: '23529000010002' })
  expect(await ask('/patrons/1001', taken)).toEqual({
    status: 409,
    headers: expect.anything(),
    body: { error: 'Duplicate ID', conflict: 'cardnumber' },
  })
  expect((await ask('/patrons?_order_by=%2Bpatron_id')).status).toBe(500)
})

test('counts and links come with a page, in an old one only where it was asked for, and name the host that it thinks it has', async () => {
  const { ask: old } = await asking({ release: '19.11' })
  expect((await old('/patrons')).headers.has('x-total-count')).toBe(false)
  const { headers } = await old('/patrons?_page=1&_per_page=1')
  expect(headers.get('x-total-count')).toBe('2')
  expect(headers.get('link')).toContain('<http://koha.internal/api/v1/patrons?_page=2&_per_page=1>; rel="next"')
  const { ask } = await asking({})
  expect((await ask('/patrons')).headers.get('x-base-total-count')).toBe('2')
})

test('`_match` is contains unless told otherwise', async () => {
  const { ask } = await asking({})
  expect((await ask('/patrons?cardnumber=0001000')).body).toHaveLength(2)
  expect((await ask('/patrons?cardnumber=0001000&_match=exact')).body).toEqual([])
})

test('queries, and what they do not know', async () => {
  const { ask } = await asking({})
  const found = async (q: object) => (await ask(`/patrons?q=${encodeURIComponent(JSON.stringify(q))}`)).body.length
  expect(await found({ 'me.userid': 'ada' })).toBe(1)
  expect(await found({ userid: ['ada', 'ben'] })).toBe(2)
  expect(await found([{ userid: 'ada' }, { phone: { '-like': '212%' } }])).toBe(2)
  expect(await found({ '-and': [{ userid: { '!=': 'ada' } }, { patron_id: { '>': 1001 } }] })).toBe(1)
  const odd = encodeURIComponent(JSON.stringify({ userid: { '-regexp': 'a' } }))
  expect(await ask(`/patrons?q=${odd}`)).toMatchObject({ status: 400, body: { error_code: 'invalid_query' } })
  const embed = { headers: { 'x-koha-embed': 'fortune' } }
  expect((await ask('/checkouts', embed)).status).toBe(400)
})
