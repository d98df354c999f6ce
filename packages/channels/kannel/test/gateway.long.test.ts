import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { testPrm } from '@prm/core/testing'
import { sqlite } from '@prm/store-sqlite'
import { createRequestListener } from '@remix-run/node-fetch-server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { kannel } from '../src/index.ts'
import { type Gateway, gateway, installed, until } from './gateway.ts'

const to = { scheme: 'tel', value: '+12125550134' } as const
const credentials = { username: 'prm', password: 'b7c1f09a52d64e8e93ab', callbackSecret: '0f512bda-ae1e-4597-8e11' }

describe.skipIf(!installed)(`Kannel itself${installed ? '' : ' (skipped: apt-get install kannel)'}`, () => {
  let library: Server
  let kannelItself: Gateway
  let handle: (request: Request) => Promise<Response>
  let asked: readonly string[] = []

  beforeEach(async () => {
    const urls: string[] = [] // of this test alone: what one before it began may end now
    asked = urls
    library = createServer(
      createRequestListener(async (request) => {
        const answer = await handle(request)
        urls.push(request.url)
        return answer
      }),
    )
    await new Promise<void>((done) => library.listen(0, '127.0.0.1', done))
    const url = `${base()}/sms`
    kannelItself = await gateway({ url, password: credentials.password, secret: credentials.callbackSecret })
  })
  afterEach(async () => {
    await kannelItself.close()
    library.close().closeAllConnections()
  })
  const base = () => `http://127.0.0.1:${(library.address() as AddressInfo).port}/prm`

  async function host(more: { readonly password?: string } = {}) {
    const sms = kannel({ ...credentials, from: '1234', maxParts: 4, baseUrl: kannelItself.baseUrl, ...more })
    const prm = await testPrm({
      at: '2026-11-24T15:00:00.000Z',
      store: sqlite({ memory: true }),
      library: { id: 'alder', name: 'Alder Library', timeZone: 'America/Chicago', locale: 'en', region: 'US' },
      adapters: { sms },
      purposes: { pickup: { basis: 'service', class: 'service', media: ['sms'] } },
      publicUrl: base(),
    })
    handle = (request) => prm.handle(request)
    const send = async (key: string, text: string) => {
      await prm.send({ to, purpose: 'pickup', content: { text }, key })
      await prm.settled()
      return (await prm.explain(key)).message
    }
    const stateOf = async (key: string) => (await prm.explain(key)).message?.state
    return { prm, sms, send, stateOf }
  }

  test('a message reaches the SMSC letter by letter, and its report finds it by our key, whatever is in it', async () => {
    const { send, stateOf } = await host()
    const reports = (key: string) => {
      const of = asked.map((url) => new URL(url).searchParams).filter((query) => query.get('key') === key)
      return of.map((query) => query.get('dlr')).sort()
    }
    const smsc = await kannelItself.smsc()
    await until(async () => (await send('first', 'hello'))?.state !== 'planned')
    const messages = {
      'hold 17 & “späte” 100%/?#+=%d%C%A': 'späte ñ €5 {x} 100% & +1',
      b: '“Привет”',
      c: 'a'.repeat(400),
      last: 'bye', // Kannel asks in order: once all is said of this one, no more comes of the others.
    }
    for (const [key, text] of Object.entries(messages)) {
      await send(key, text)
      await until(() => reports(key).length >= 2)
      expect(await stateOf(key)).toBe('delivered')
    }
    const said = smsc.lines.map((line) => line.replace(/^1234 \+12125550134 /, ''))
    expect(said).toContain('text späte ñ €5 {x} 100% & +1')
    const [ucs2 = ''] = said.filter((line) => line.startsWith('ucs-2'))
    const bytes = ucs2
      .slice(6)
      .replaceAll('+', '%20')
      .replace(/%(..)|(.)/g, (_, hex, one) => hex ?? one.charCodeAt(0).toString(16).padStart(2, '0'))
    expect(Buffer.from(bytes, 'hex').swap16().toString('utf16le')).toBe('“Привет”')
    const parts = said.filter((line) => line.startsWith('udh'))
    expect(parts.map((line) => line.replace(/^.* /, '').length)).toEqual([153, 153, 94])
    // One report of a kind for the three parts.
    expect(reports('c')).toEqual(['1', '8'])
  })

  test('while no SMSC is there messages are queued; once its queue is full it takes none, says so, and they are sent later', async () => {
    const { prm, send, stateOf } = await host()
    expect((await send('a', 'first'))?.state).toBe('accepted')
    expect((await send('b', 'second'))?.state).toBe('accepted')
    const third = await send('c', 'third')
    expect([third?.state, third?.attempts.at(-1)?.outcome]).toEqual(['planned', expect.stringContaining('unavailable')])
    const smsc = await kannelItself.smsc()
    await until(() => smsc.lines.length === 2)
    await prm.advance('10m')
    await until(async () => (await stateOf('c')) === 'delivered')
    expect(smsc.lines.map((line) => line.replace(/.*text /, ''))).toEqual(['first', 'second', 'third'])
  })

  test('a patron texts, and what asks to stop is confirmed once and heeded', async () => {
    const { prm, stateOf } = await host()
    const smsc = await kannelItself.smsc()
    const texts: string[] = []
    prm.on('recorded', ({ type, data }) => {
      if (type === 'message.received') texts.push((data as { content: { text: string } }).content.text)
    })
    smsc.says('+12125550134 1234 text Grüße €5 +1 & 100% späte?')
    await until(() => texts.length === 1)
    smsc.says('+12125550134 1234 text please stop texting me')
    await until(() => texts.length === 2)
    expect(texts).toEqual(['Grüße €5 +1 & 100% späte?', 'please stop texting me'])
    await prm.settled()
    await until(() => smsc.lines.length === 1)
    const next = await prm.send({ to, purpose: 'pickup', content: { text: 'ready' }, key: 'hold:18' })
    expect([next.outcome, await stateOf('hold:18')]).toMatchObject([{ send: false, rule: 'suppressed' }, undefined])
    expect(smsc.lines).toHaveLength(1)
  })

  test('it tries a text again until we have stored it, and that is one text', async () => {
    const { prm } = await host()
    const smsc = await kannelItself.smsc()
    const answers = [503, 503]
    let stored = 0
    prm.on('recorded', () => void stored++)
    handle = async (request) => {
      const status = answers.shift()
      return status ? new Response('later', { status }) : prm.handle(request)
    }
    smsc.says('+12125550134 1234 text hello')
    await until(() => stored > 0)
    expect([stored, new Set(asked).size]).toEqual([1, 1])
  })

  test('a wrong password is auth: the work is kept, and no error holds the password', async () => {
    const { send } = await host({ password: 'hunter2' })
    const first = await send('a', 'hello')
    expect([first?.state, first?.attempts.at(-1)?.outcome]).toEqual(['planned', expect.stringContaining('auth')])
    expect(first?.attempts.at(-1)?.outcome).not.toContain('hunter2')
  })
})
