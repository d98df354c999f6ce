import { type Context, PrmError } from '@prm/core/adapter'
import { client, resolve } from '@prm/kit'
import type { Api } from './api.ts'
import { wireInstance } from './api.ts'
import type { Options, Tag } from './config.ts'

/** One event, and on which stream: that of a tag, or the account's own. */
export interface Heard {
  readonly where: string
  readonly tag?: Tag | undefined
  readonly event: string
  readonly data: string
}
export interface Streams {
  /** What came, until a stream ends, the time is over or the signal aborts. */
  batches(): AsyncGenerator<readonly Heard[]>
  close(): void
}

/** Mastodon says `:thump` every 15 s: a connection without a word for so long is dead. */
const silentMs = 60_000
/** Waiting to be told; with more it is sooner read by REST. */
const mostWaiting = 2000
const longestEvent = 1024 * 1024

/** Where the instance streams: below its own host, since the token goes there. Throws `contract` where it is elsewhere. */
export async function streamingOf(api: Api, options: Options, ctx: Context): Promise<string> {
  const { configuration } = await api.call({ method: 'GET', path: '/api/v2/instance' }, wireInstance, ctx)
  const [own, said] = [new URL(options.baseUrl), configuration.urls?.streaming ?? options.baseUrl]
  const url = URL.canParse(said) ? new URL(said.replace(/^ws/, 'http')) : own
  const near = url.host === own.host || url.hostname.endsWith(`.${own.hostname}`)
  if (near && (url.protocol === 'https:' || own.protocol === 'http:')) return url.origin
  throw new PrmError('contract', `${own.host} streams from another host, which gets no token: it is only polled.`)
}

/** Nothing where the streams cannot be had: then there is REST alone, and the log says why. */
export async function listen(api: Api, options: Options, ctx: Context): Promise<Streams | undefined> {
  const readers: ReadableStreamDefaultReader<Uint8Array>[] = []
  const waiting: Heard[] = []
  let over = false
  let wake = () => {}
  const end = () => {
    over = true
    wake()
  }
  const close = () => {
    end()
    for (const reader of readers.splice(0)) reader.cancel().catch(() => undefined)
  }

  async function follow(reader: ReadableStreamDefaultReader<Uint8Array>, where: string, tag?: Tag): Promise<void> {
    const decoder = new TextDecoder()
    let rest = ''
    let timer: ReturnType<typeof setTimeout> | undefined
    try {
      for (;;) {
        timer = setTimeout(close, silentMs)
        const { done, value } = await reader.read()
        clearTimeout(timer)
        if (done) return
        const blocks = (rest + decoder.decode(value, { stream: true })).split('\n\n')
        rest = blocks.pop() ?? ''
        const heard = blocks.flatMap((block) => eventIn(block, where, tag) ?? [])
        if (rest.length > longestEvent || waiting.length + heard.length > mostWaiting) return
        waiting.push(...heard)
        wake()
      }
    } catch {
      // It broke off, as streams do: what it would have said is read by REST.
    } finally {
      clearTimeout(timer)
      end()
    }
  }

  try {
    const baseUrl = await streamingOf(api, options, ctx)
    const headers = async () => ({ authorization: `Bearer ${await resolve(options.accessToken)}` })
    const http = client({ baseUrl, headers, ...(options.fetch && { fetch: options.fetch }) })
    const kinds: readonly (readonly [path: string, where: string, tag?: Tag])[] = [
      ['user', 'stream of the account'],
      ...options.tags.map(
        (tag) => [tag.local ? 'hashtag/local' : 'hashtag', `stream of tag ${tag.name}`, tag] as const,
      ),
    ]
    for (const [kind, where, tag] of kinds) {
      const call = { method: 'GET', path: `/api/v1/streaming/${kind}`, query: { tag: tag?.name } } as const
      const reader = (await http.open(call, ctx)).body?.getReader()
      if (!reader) throw new PrmError('contract', `${api.host} answered a stream with nothing.`)
      readers.push(reader)
      void follow(reader, where, tag)
    }
  } catch (error) {
    close()
    if (!PrmError.is(error)) throw error
    ctx.log('warn', 'The streams could not be opened: it is polled.', { code: error.code, why: error.message })
    return undefined
  }

  return {
    close,
    async *batches() {
      const held = options.stream ?? '0s'
      const timer = setTimeout(end, Number.parseInt(held, 10) * (held.endsWith('s') ? 1000 : 60_000))
      ctx.signal.addEventListener('abort', end)
      try {
        while (!ctx.signal.aborted) {
          if (waiting.length > 0) yield waiting.splice(0)
          else if (over) return
          else
            await new Promise<void>((done) => {
              wake = done
            })
        }
      } finally {
        clearTimeout(timer)
        ctx.signal.removeEventListener('abort', end)
      }
    },
  }
}

function eventIn(block: string, where: string, tag?: Tag): Heard | undefined {
  const lines = block.split(/\r?\n/)
  const event = lines
    .find((line) => line.startsWith('event:'))
    ?.slice(6)
    .trim()
  const data = lines.flatMap((line) => (line.startsWith('data:') ? line.slice(5).replace(/^ /, '') : []))
  return event ? { where, tag, event, data: data.join('\n') } : undefined
}
