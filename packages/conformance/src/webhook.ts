import assert from 'node:assert/strict'
import { PrmError } from '@prm/core/adapter'
import { type Check, type Rig, Skip } from './checks.ts'
import { at, day, minute, real } from './clock.ts'
import { checkFacts, keysOf } from './interactions.ts'
import { type Letter, letterOf, receive } from './letter.ts'
import { reported } from './reports.ts'
import { publicUrl } from './rig.ts'

const needs = ['simulator'] as const
const toReport = ['simulator', 'channel', 'fixtures.known'] as const

export const webhook: readonly Check[] = [
  { id: 'webhook/valid', needs, run: valid },
  { id: 'webhook/keys', needs, run: keys },
  { id: 'webhook/redelivered', needs, run: redelivered },
  { id: 'webhook/forged', needs, run: forged },
  { id: 'webhook/unsigned', needs, run: unsigned },
  { id: 'webhook/altered-body', needs: ['simulator', 'webhook.signature'], run: altered },
  { id: 'webhook/junk', needs, run: junk },
  { id: 'webhook/oversize', needs, run: oversize },
  { id: 'webhook/duplicate-report', needs: toReport, run: (rig) => reported(rig, 'duplicate-report') },
  { id: 'webhook/reordered-reports', needs: toReport, run: (rig) => reported(rig, 'reordered-reports') },
]

// ── one request ──────────────────────────────────────────────────────────────────────────────

/** Each event as a signed request. Asked again, the vendor tells something new. */
async function letters(rig: Rig): Promise<readonly Letter[]> {
  const { known, text, events } = rig.fixtures
  const simulator = rig.simulator()
  if (!simulator.webhook) throw new Skip('the simulator has no webhook')
  if (!known && !events) throw new Skip('no fixtures.known and no fixtures.events')
  const words = text ?? 'Is the reading room open on Sunday?'
  const found: Letter[] = []
  for (const event of events ?? [{ from: known?.value ?? '', text: words, body: words }]) {
    found.push(await letterOf(simulator.webhook({ url: publicUrl, ...event })))
  }
  return found
}

// ── what is true ─────────────────────────────────────────────────────────────────────────────
async function valid(rig: Rig): Promise<void> {
  const adapter = rig.make()
  const ctx = rig.context()
  let count = 0
  for (const letter of await letters(rig)) {
    const facts = await receive(adapter, letter, ctx)
    await checkFacts(facts, adapter, ctx.id)
    count += facts.length
  }
  assert(count > 0, 'the events of the vendor give no fact')
}

/** The same request gives the same facts on another day, or still some minutes later where a vendor dates its requests. */
async function keys(rig: Rig): Promise<void> {
  const now = real().getTime()
  for (const letter of await letters(rig)) {
    const read = (clock: number, ms: number) =>
      at(clock, () => receive(rig.make(), letter, rig.context({ now: () => real(ms) })))
    const once = await read(now, now)
    const later = now + day + 61 * minute + 1000
    const again = await read(later, later).catch((error: unknown) => {
      rig.witness.errors.push(error)
      if (PrmError.is(error) && error.code === 'signature') return read(later, now + minute + 1000)
      throw error
    })
    assert.deepEqual(again, once, 'facts are made of the request alone: no clock, nothing random')
  }
}

async function redelivered(rig: Rig): Promise<void> {
  const adapter = rig.make()
  const now = real().getTime()
  for (const letter of await letters(rig)) {
    const read = () => at(now, () => receive(adapter, letter, rig.context({ now: () => real(now) })))
    const once = keysOf(await read())
    assert.deepEqual(keysOf(await read()), once, 'a redelivery is the same facts')
  }
}

// ── what is not ──────────────────────────────────────────────────────────────────────────────
const ours = /^(content-|accept|host$|user-agent$|connection$|transfer-|date$)/

async function forged(rig: Rig): Promise<void> {
  for (const letter of await letters(rig)) {
    // What looks like a signature or a token, backwards: as long, of the same letters, and wrong.
    const backwards = (text: string) => text.replace(/[\w+/-]{16,}/g, (run) => [...run].reverse().join(''))
    const headers = letter.headers.map(([name, value]): [string, string] => [
      name,
      ours.test(name) ? value : backwards(value),
    ])
    const url = letter.url.replace(/\?.*/, backwards)
    const same = url === letter.url && JSON.stringify(headers) === JSON.stringify(letter.headers)
    if (same) throw new Skip('neither a header nor the query looks like a signature or secret')
    await rig.refused(receive(rig.make(), { ...letter, url, headers }, rig.context()), 'signature')
  }
}

/** Without the vendor's own headers and without the query. */
async function unsigned(rig: Rig): Promise<void> {
  for (const letter of await letters(rig)) {
    const headers = letter.headers.filter(([name]) => ours.test(name))
    const bare = { ...letter, headers, url: letter.url.replace(/\?.*/, '') }
    await rig.refused(receive(rig.make(), bare, rig.context()), 'signature')
  }
}

async function altered(rig: Rig): Promise<void> {
  const [first, second] = [await letters(rig), await letters(rig)]
  for (const [index, letter] of first.entries()) {
    const { body } = letter
    const changed =
      body.byteLength > 0 ? { ...letter, body: bytes(other(textOf(body))) } : { ...letter, url: other(letter.url) }
    await rig.refused(receive(rig.make(), changed, rig.context()), 'signature')
    // Signed by the vendor, but something else.
    const next = second[index]
    if (!next || body.byteLength === 0 || textOf(next.body) === textOf(body)) continue
    await rig.refused(receive(rig.make(), { ...letter, body: next.body }, rig.context()), 'signature')
  }
}

const textOf = (body: Uint8Array): string => new TextDecoder().decode(body)
const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
/** Its last letter or figure is another. */
const other = (text: string): string =>
  text.replace(/[a-z\d](?=[^a-z\d]*$)/i, (last) =>
    last === '1' ? '2' : /\d/.test(last) ? '1' : last === 'a' ? 'b' : 'a',
  )

async function junk(rig: Rig): Promise<void> {
  for (const letter of await letters(rig)) {
    const rest = letter.headers.filter(([name]) => name !== 'content-type')
    const headers = [...rest, ['content-type', 'application/x-junk; ='] as const]
    const request = { ...letter, method: 'POST', headers, body: Uint8Array.of(0, 255, 254, 123, 34, 37, 0) }
    await rig.refused(receive(rig.make(), request, rig.context()), 'signature', 'invalid')
  }
}

async function oversize(rig: Rig): Promise<void> {
  for (const letter of await letters(rig)) {
    const { maxBytes = 1024 * 1024 } = rig.make().webhook ?? {}
    const body = bytes(textOf(letter.body) + ' '.repeat(2 * maxBytes))
    await rig.refused(receive(rig.make(), { ...letter, method: 'POST', body }, rig.context()), 'signature', 'invalid')
  }
}
