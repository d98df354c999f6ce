import type { Context } from '@prm/core'
import { afterEach, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { type Answer, type Asked, type Loopback, loopback } from '../src/simulator.ts'
import { authorized } from '../src/tokens.ts'

let now = Date.parse('2026-11-24T10:00:00.000Z')
const context: Context = {
  id: 'x',
  library: 'l',
  signal: new AbortController().signal,
  now: () => new Date(now),
  log: () => undefined,
}
const servers: Loopback[] = []
afterEach(async () => {
  for (const one of servers.splice(0)) await one.close()
})

const json = (status: number, body: object): Answer => ({ status, body: JSON.stringify(body) })
async function vendor({ expires_in = 3600 as unknown, refuse = false } = {}) {
  const said = { tokens: 0, calls: [] as string[], revoked: new Set<string>() }
  const server = await loopback(({ url, headers, body }: Asked) => {
    if (url.pathname === '/oauth/token') {
      const fits = new URLSearchParams(body).get('client_secret') === 'shh'
      return refuse || !fits
        ? json(400, { error: 'The client credentials are invalid' })
        : json(200, {
            access_token: `t${++said.tokens}`,
            expires_in,
            token_type: 'Bearer',
            scope: 'app_view app_create',
          })
    }
    const token = String(headers.authorization)
    said.calls.push(token)
    return said.revoked.has(token) ? json(401, {}) : json(200, { id: 7 })
  })
  servers.push(server)
  const api = authorized({ baseUrl: server.url }, { path: '/oauth/token', clientId: '1', clientSecret: () => 'shh' })
  const call = () => api.call({ method: 'GET', path: '/things' }, z.object({ id: z.number() }), context)
  return { said, api, call }
}

describe('a token', () => {
  test('is fetched once for calls that come together, and kept', async () => {
    const { said, api, call } = await vendor()
    await Promise.all([call(), call()])
    await call()
    expect([said.tokens, said.calls.length]).toEqual([1, 3])
    expect(await api.scopes(context)).toEqual(['app_view', 'app_create'])
  })

  test('is fetched again a minute before its end, also where its time comes as text', async () => {
    const { said, call } = await vendor({ expires_in: '3600' })
    await call()
    now += 3_530_000
    await call()
    now += 20_000
    await call()
    expect(said.tokens).toBe(2)
  })

  test('is fetched again once after a 401, and no more', async () => {
    const { said, call } = await vendor()
    await call()
    said.revoked.add('Bearer t1')
    await call()
    expect(said.calls).toEqual(['Bearer t1', 'Bearer t1', 'Bearer t2'])
    for (const one of ['Bearer t2', 'Bearer t3', 'Bearer t4']) said.revoked.add(one)
    await expect(call()).rejects.toMatchObject({ code: 'auth' })
    expect(said.tokens).toBe(3)
  })

  test('of credentials that are not known is auth, and is asked for again at the next call', async () => {
    const { said, call } = await vendor({ refuse: true })
    await expect(call()).rejects.toMatchObject({ code: 'auth' })
    await expect(call()).rejects.toMatchObject({ code: 'auth' })
    expect(said.calls).toEqual([])
  })
})
