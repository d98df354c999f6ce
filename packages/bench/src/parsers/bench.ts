import { feeds } from '@prm/feeds'
import { phone } from '@prm/kit'
import { readOptOut } from '@prm/kit/optout'
import { ownWords, readMail } from '@prm/kit-mail'
import { shownText } from '@prm/kit-pages'
import type { Bench } from '../bench.ts'
import { type Figure, figure } from '../line.ts'
import { noticeRows } from './notices.ts'

/** Reads one input of somebody else's to its end. */
type Read = (input: string) => unknown

const mail = (text: string) => readMail(Buffer.from(text))
const feed = async (text: string) => {
  const answer = async () => new Response(text, { headers: { 'content-type': 'application/rss+xml' } })
  const config = { name: 'a', url: 'https://feed.example/a' }
  const adapter = feeds({ feeds: [config], pseudonymKey: 'k'.repeat(16), maxBytes: 16 * 1024 * 1024, fetch: answer })
  const { signal } = new AbortController()
  const ctx = { id: 'feeds', library: 'l', signal, now: () => new Date(), log: () => undefined }
  for await (const _ of adapter.feed.pull(undefined, ctx)) return
}
const mailOf = (type: string, before = '', after = ''): Read => {
  return (body) =>
    mail(`From: a@p.example\r\nMIME-Version: 1.0\r\nContent-Type: ${type}\r\n\r\n${before}${body}${after}`)
}
const item = '<item><title>x</title><link>https://a.example/</link></item>'

/** Each parser, and what is repeated to make its input long. */
const cases: readonly (readonly [name: string, read: Read, parts: readonly string[]])[] = [
  ['answers', ownWords, ['a:\n', 'On 1:\n', '1:\n>x\n', '1:\n\n', '>\n', '-- \n', 'From: a@b\n', 'x', ' ', '_']],
  [
    'mail headers',
    (body) => mail(`From: a@p.example\r\n${body}\r\n\r\nx`),
    ['X: y\r\n', 'X:\r\n y', 'a@b,', '=?utf-8?q?x?='],
  ],
  ['mail text', mailOf('text/plain'), ['a:\r\n', 'x', '\r\n', ' ', '\u00a0', '(', '5.1.1 ']],
  [
    'mail HTML',
    mailOf('text/html'),
    ['<b>', '<p>x', '<', '</b>', '<a href=x>y</a>', '<ol><li>', '&amp;', '<table><td>', '<!--', ' '],
  ],
  ['mail parts', mailOf('multipart/mixed; boundary=b'), ['--b\r\n\r\nx\r\n', '--b\r\n', '--', 'x\r\n']],
  [
    'HTML',
    shownText as Read,
    ['<b>', '<p>x', '<', '</b>', '<a href=x>y</a>', '<ol><li>', '&amp;', '<!--', ' ', '<br>'],
  ],
  [
    'feeds',
    (body) => feed(`<rss version="2.0"><channel>${body}`),
    [item, '<item>', '<a>', '</a>', '<', '&lt;', '<![CDATA[', ' ', '<!--'],
  ],
  ['opt-out words', (text) => readOptOut(text), ['stop ', 'STOP', 'a', ' ', '.', 'ñ', 'stop the ', '\n', 'do not ']],
  ['addresses', (text) => phone(text, 'US'), ['1', '+', ' ', '(', '212-', 'ext', ';ext=', ';', '/']],
  ['notice files', noticeRows, ['"', ',', 'x', '"a",', '|', '\n', '$', '""']],
]

/** Twice as long an input takes twice as long, or somebody can hold up the process with one that is long. */
export const bench: Bench = async function* ({ quick }) {
  const missed: string[] = []
  for (const [name, read, parts] of cases)
    for (const part of parts) {
      const line = await doubled(`${name}: ${JSON.stringify(part).slice(0, 40)}`, read, part, quick ? 5 : 100)
      if (!line.ok && !quick) missed.push(line.case)
      yield line
    }
  if (missed.length > 0) throw new Error(`twice the input takes more than three times as long: ${missed.join('; ')}`)
}

const mostBytes = 1024 * 1024
/** Twice as much may take so many times as long. */
const most = 3

/** Doubles until the input takes long enough to be measured, or nobody sends so much; then what one doubling costs. */
async function doubled(name: string, read: Read, part: string, enoughMs: number): Promise<Figure> {
  let size = 8 * 1024
  for (let took = 0; took < enoughMs && size < mostBytes; ) {
    size *= 2
    took = await timed(read, part, size)
  }
  let ratio = Number.POSITIVE_INFINITY
  // A machine that does something else meanwhile triples one measurement, and not each of three.
  for (let time = 0; time < 3 && ratio > most; time++)
    ratio = Math.min(ratio, await doubling(read, part, size, enoughMs))
  const where = {
    bench: 'parsers',
    case: `${name}, ${size} bytes`,
    unit: 'times as long for twice as much',
    target: most,
  }
  return figure(where, [ratio])
}

/** Twice as long an input takes how many times as long; the fastest of both counts, in turn. */
async function doubling(read: Read, part: string, size: number, enoughMs: number): Promise<number> {
  let [before, after] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let run = 0; run < 4 && (run === 0 || after < 2_000); run++) {
    before = Math.min(before, await timed(read, part, size / 2))
    after = Math.min(after, await timed(read, part, size))
  }
  // What takes so little however much it is given holds nobody up.
  return after < enoughMs ? 1 : after / before
}

async function timed(read: Read, part: string, bytes: number): Promise<number> {
  const input = part.repeat(Math.ceil(bytes / part.length))
  const started = performance.now()
  await read(input)
  return performance.now() - started
}
