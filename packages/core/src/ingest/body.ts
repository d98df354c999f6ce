import { milliseconds } from '../time/index.ts'
/** A request's body, read in pieces up to its limits; the pieces are handed on as they came, and copied nowhere here. */

/** What all requests of one host hold in memory at once. */
export interface Held {
  bytes: number
}

export interface Limits {
  /** The most that one request may hold. */
  readonly most: number
  /** The most that all requests may hold at once. */
  readonly mostHeld: number
}

/** The body as a stream, or why it was not read to its end. `release` is called once it is no longer in memory. */
export type Body =
  | { readonly stream?: ReadableStream<Uint8Array>; release(): void }
  | { readonly refused: 'too large' | 'full' | 'late' | 'broken' }

const bodyMs = milliseconds('10s')

/** Reads a body within its limits and its time. What is refused holds nothing. */
export async function readBody(request: Request, held: Held, { most, mostHeld }: Limits): Promise<Body> {
  if (Number(request.headers.get('content-length') ?? 0) > most) return { refused: 'too large' }
  if (!request.body) return { release() {} }
  const chunks: Uint8Array[] = []
  let size = 0
  const release = (): void => {
    held.bytes -= size
    size = 0
  }
  const reader = request.body.getReader()
  const refuse = (refused: 'too large' | 'full' | 'late'): Body => {
    // Its sender need not hear of it before the answer, and may never.
    reader.cancel().catch(() => undefined)
    release()
    return { refused }
  }
  const late = Symbol('late')
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<typeof late>((resolve) => {
    timer = setTimeout(() => resolve(late), bodyMs)
  })
  try {
    for (;;) {
      const read = await Promise.race([reader.read(), timeout])
      if (read === late) return refuse('late')
      if (read.done) break
      const { byteLength } = read.value
      if (size + byteLength > most) return refuse('too large')
      if (held.bytes + byteLength > mostHeld) return refuse('full')
      size += byteLength
      held.bytes += byteLength
      chunks.push(read.value)
    }
  } catch {
    release()
    return { refused: 'broken' }
  } finally {
    clearTimeout(timer)
  }
  return { stream: streamOf(chunks), release }
}

/** Each piece is let go of once it was taken. */
function streamOf(chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const next = chunks.shift()
        if (next) controller.enqueue(next)
        else controller.close()
      },
    },
    { highWaterMark: 0 },
  )
}
