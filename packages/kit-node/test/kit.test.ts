import type { Context } from '@prm/core'
import { type Call, client } from '@prm/kit'
import { koha } from '@prm/koha'
import { simulate } from '@prm/koha/simulator'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { fetchBy } from '../src/index.ts'
import { authority } from './authority.ts'
import { plain, proxy, secure } from './servers.ts'

const { ca, issue } = authority('Alder Library')
const { cert, key } = issue()
const ctx: Context = {
  id: 'koha',
  library: 'alder',
  signal: new AbortController().signal,
  now: () => new Date(),
  log: () => undefined,
}
const write: Call = { method: 'POST', path: '/holds', json: { patron_id: 1001 } }
/** The code of a write over this fetch, and of a read. */
async function codes(baseUrl: string, fetch: typeof globalThis.fetch, timeoutMs = 15_000) {
  const http = client({ baseUrl, fetch, timeoutMs })
  const code = (call: Call) => http.call(call, z.unknown(), ctx).catch((error: { code: string }) => error.code)
  return [await code(write), await code({ method: 'GET', path: '/holds' })]
}

test('the kit’s client reads of a failure whether it was sent', async () => {
  const url = await secure({ cert, key }, (_, response) => response.writeHead(500).end())
  expect(await codes(url, fetchBy({ ca }))).toEqual(['unknown', 'unavailable'])
  expect(await codes(url, fetchBy())).toEqual(['unavailable', 'unavailable'])
  const refusing = await proxy({ refuse: '403 Forbidden' })
  expect(await codes(url, fetchBy({ ca, proxy: refusing.url }))).toEqual(['unavailable', 'unavailable'])
  const demanding = { cert, key, ca, requestCert: true, rejectUnauthorized: true }
  const choosy = await secure(demanding, (_, response) => response.end('{}'))
  expect(await codes(choosy, fetchBy({ ca }))).toEqual(['unavailable', 'unavailable'])
  const hanging = await secure({ cert, key }, () => undefined)
  expect(await codes(hanging, fetchBy({ ca }), 1_000)).toEqual(['unknown', 'unavailable'])
  const resetting = await plain((request) => request.socket.destroy())
  expect(await codes(resetting, fetchBy())).toEqual(['unknown', 'unavailable'])
  expect(await codes('http://127.0.0.1:9', fetchBy())).toEqual(['unavailable', 'unavailable'])
})

test('a Koha behind a private authority, a client certificate and a proxy', async () => {
  const simulator = await simulate()
  const front = { cert, key, ca, requestCert: true, rejectUnauthorized: true }
  const baseUrl = await secure(front, async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { host: _, connection: __, 'transfer-encoding': ___, ...headers } = request.headers
    const answer = await fetch(`${simulator.url}${request.url}`, {
      method: request.method ?? 'GET',
      headers: headers as Record<string, string>,
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
    })
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(Buffer.from(await answer.arrayBuffer()))
  })
  const between = await proxy({ user: 'prm:secret' })
  const service = issue()
  const ils = koha({
    ...simulator.credentials,
    baseUrl,
    currency: 'USD',
    timeZone: 'America/Chicago',
    region: 'US',
    fetch: fetchBy({
      ca,
      cert: service.cert,
      key: service.key,
      proxy: between.url.replace('://', '://prm:secret@'),
    }),
  })
  const [ben, ...others] = await ils.directory.find({ scheme: 'tel', value: '+12125550135' }, ctx)
  expect([ben?.name, others]).toEqual([{ is: 'value', value: 'Ben Rowan' }, []])
  const card = { scheme: 'ils', realm: 'koha/card', value: '23529000010002' }
  const placed = await ils.circulation.place(card, { bib: '103', pickup: 'ELM' }, ctx)
  expect(placed).toMatchObject({ ok: true })
  expect(between.asked.map(({ line }) => line)).toEqual([`CONNECT ${new URL(baseUrl).host}`])
  await simulator.close()
})
