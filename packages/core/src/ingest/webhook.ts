// In: a request. Out: an answer. Promise: verified and stored before it is answered; what is forged leaves no trace.
import { type Context, type Page, type Prm, PrmError, type Webhook } from '../contract/index.ts'
import type { Engine } from '../runtime/index.ts'
import { readBody } from './body.ts'
import { record } from './record.ts'

/** A webhook tells of one message or a few; more than this is no vendor's, unless its inlet says so. */
const mebibyte = 1_048_576

const mostBytes = 16 * mebibyte

const mostFacts = 1_000

/** What all requests hold in memory at once, unless the host says so. */
const mostHeld = 64 * mebibyte

/** Verifies, stores, and only then answers. Nothing is stored of what is forged, too large or not understood. */
export async function handle(engine: Engine, request: Request, prm: () => Prm): Promise<Response> {
  const id = adapterOf(engine, new URL(request.url).pathname)
  const { pages = {}, adapters } = engine.options
  const page = Object.hasOwn(pages, id) ? pages[id] : undefined
  const inlet = adapters[id]?.webhook
  if (!inlet && !page) return answer(404, 'No adapter or page of this name takes requests here.')
  const ctx = engine.context(id, request.signal)
  if (inlet && !carriesProof(request, inlet)) {
    ctx.log('warn', 'A request was refused unread.', { code: 'signature' })
    return answer(401, unsigned)
  }
  const most = Math.min(inlet?.maxBytes ?? mebibyte, mostBytes)
  const body = await readBody(request, engine.bodies, { most, mostHeld: engine.options.maxBytesInFlight ?? mostHeld })
  if ('refused' in body) return refusals[body.refused](most)
  try {
    const { method, headers } = request
    const init = { method, headers, ...(body.stream && { body: body.stream, duplex: 'half' as const }) }
    const whole = new Request(request.url, init)
    return await (page ? answerPage(page, whole, prm(), ctx) : receive(engine, inlet as Webhook, id, whole, ctx))
  } finally {
    body.release()
  }
}

const unsigned = 'The signature is missing or wrong.'

const refusals = {
  'too large': (most: number) =>
    answer(413, `The body is larger than ${most} bytes, which is the most that is taken here.`),
  full: () => answer(503, 'Too much is being received at once. Please send it again.', { 'retry-after': '30' }),
  late: () => answer(408, 'The body did not come in time.'),
  broken: () => answer(400, 'The body broke off.'),
} as const

/** Whoever has no secret of the adapter's is refused before a byte of the body is read. */
function carriesProof({ url, headers }: Request, { requires }: Webhook): boolean {
  if (!requires) return true
  const query = new URL(url).searchParams
  return requires.some((one) => Boolean('header' in one ? headers.get(one.header) : query.get(one.query)))
}

async function answerPage(page: Page, whole: Request, prm: Prm, ctx: Context): Promise<Response> {
  try {
    return await page(whole, prm as never, ctx)
  } catch (error) {
    return refusal(error, ctx.log)
  }
}

async function receive(engine: Engine, inlet: Webhook, id: string, whole: Request, ctx: Context): Promise<Response> {
  let received: Awaited<ReturnType<Webhook['receive']>>
  try {
    received = await inlet.receive(whole, ctx)
    for (const fact of received.interactions)
      if (typeof fact?.type !== 'string') throw new TypeError('What the inlet returned are no facts.')
    if (received.interactions.length > mostFacts) return answer(413, `More than ${mostFacts} facts in one request.`)
  } catch (error) {
    return refusal(error, ctx.log)
  }
  try {
    await record(engine, { interactions: received.interactions, from: { adapter: id } })
  } catch (error) {
    ctx.log('error', 'A verified request could not be stored; its sender was asked to try again.', {
      error: error instanceof Error ? error.name : 'unknown',
    })
    return answer(503, 'It could not be stored. Please send it again.', { 'retry-after': '30' })
  }
  return received.reply ?? new Response(null, { status: 200 })
}

/** The first segment below `url`, wherever that is mounted. */
function adapterOf(engine: Engine, path: string): string {
  const base = engine.options.publicUrl ? new URL(engine.options.publicUrl).pathname.replace(/\/$/, '') : ''
  const below = path.startsWith(`${base}/`) ? path.slice(base.length) : path
  return below.split('/')[1] ?? ''
}

function refusal(
  error: unknown,
  log: (level: 'warn' | 'error', message: string, data: { [key: string]: string }) => void,
): Response {
  if (!PrmError.is(error)) {
    log('error', 'An inlet or page threw something that is no PrmError.', {
      error: error instanceof Error ? error.name : 'unknown',
    })
    return answer(500, 'The request could not be read.')
  }
  log('warn', 'A request was refused.', { code: error.code })
  if (error.code === 'signature') return answer(401, unsigned)
  if (error.code === 'unavailable') return answer(503, 'Please send it again.', { 'retry-after': '30' })
  return answer(error.code === 'config' || error.code === 'auth' ? 500 : 400, error.message)
}

function answer(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(text, { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers } })
}
