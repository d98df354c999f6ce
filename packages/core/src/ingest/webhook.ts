import type { Context } from '../contract/context.ts'
import { PrmError } from '../contract/errors.ts'
import type { Page, Prm } from '../contract/host.ts'
import type { Inlet } from '../contract/webhook.ts'
import type { Engine } from '../runtime/engine.ts'
import { milliseconds } from '../time/instants.ts'
import { record } from './record.ts'

/** A webhook tells of one message or a few; more than this is no vendor's, unless its inlet says so. */
const mebibyte = 1_048_576

const mostBytes = 16 * mebibyte

const mostFacts = 1_000

const bodyMs = milliseconds('10s')

/** Verifies, stores, and only then answers. Nothing is stored of what is forged, too large or not understood. */
export async function handle(engine: Engine, request: Request, prm: () => Prm): Promise<Response> {
  const id = adapterOf(engine, new URL(request.url).pathname)
  const { pages = {}, adapters } = engine.options
  const page = Object.hasOwn(pages, id) ? pages[id] : undefined
  const inlet = adapters[id]?.inlet
  if (!inlet && !page) return answer(404, 'No adapter or page of this name takes requests here.')
  const body = await boundedBody(request, Math.min(inlet?.maxBytes ?? mebibyte, mostBytes))
  if (body instanceof Response) return body
  const whole = new Request(request.url, { method: request.method, headers: request.headers, ...(body && { body }) })
  const ctx = engine.context(id, request.signal)
  if (page) return answerPage(page, whole, prm(), ctx)
  return receive(engine, inlet as Inlet, id, whole, ctx)
}

async function answerPage(page: Page, whole: Request, prm: Prm, ctx: Context): Promise<Response> {
  try {
    return await page(whole, prm as never, ctx)
  } catch (error) {
    return refusal(error, ctx.log)
  }
}

async function receive(engine: Engine, inlet: Inlet, id: string, whole: Request, ctx: Context): Promise<Response> {
  let received: Awaited<ReturnType<Inlet['receive']>>
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

async function boundedBody(request: Request, most: number): Promise<Uint8Array<ArrayBuffer> | undefined | Response> {
  const tooLarge = () => answer(413, `The body is larger than ${most} bytes, which is the most that is taken here.`)
  if (Number(request.headers.get('content-length') ?? 0) > most) return tooLarge()
  if (!request.body) return undefined
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = request.body.getReader()
  const late = Symbol('late')
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<typeof late>((resolve) => {
    timer = setTimeout(() => resolve(late), bodyMs)
  })
  try {
    for (;;) {
      const read = await Promise.race([reader.read(), timeout])
      if (read === late) return stop(reader, answer(408, 'The body did not come in time.'))
      if (read.done) break
      size += read.value.byteLength
      if (size > most) return stop(reader, tooLarge())
      chunks.push(read.value)
    }
  } catch {
    return answer(400, 'The body broke off.')
  } finally {
    clearTimeout(timer)
  }
  return new Uint8Array(Buffer.concat(chunks, size))
}

/** Its sender need not hear of it before the answer, and may never. */
function stop(reader: { cancel(): Promise<void> }, response: Response): Response {
  reader.cancel().catch(() => undefined)
  return response
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
  if (error.code === 'signature') return answer(401, 'The signature is missing or wrong.')
  if (error.code === 'unavailable') return answer(503, 'Please send it again.', { 'retry-after': '30' })
  return answer(error.code === 'config' || error.code === 'auth' ? 500 : 400, error.message)
}

function answer(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(text, { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers } })
}
