import { isUtf8 } from 'node:buffer'
import type { FileHandle } from 'node:fs/promises'

/** How the bytes of one file are to be read. */
export interface Encoded {
  readonly encoding: 'utf-8' | 'windows-1252'
  readonly newline: '\n' | '\r'
}

const chunk = 64 * 1024
/** Longer lines are in no layout: what has no line ends must not fill the memory. */
export const longest: number = 64 * 1024

/**
 * Looks at every byte, holding a chunk at a time: one that is not UTF-8 makes the whole file windows-1252. A NUL byte
 * makes it no text at all.
 */
export async function encodingOf(handle: FileHandle, signal: AbortSignal): Promise<Encoded | { readonly why: string }> {
  let utf8 = true
  let feeds = false
  let open: Buffer = Buffer.alloc(0)
  for await (const bytes of chunks(handle, signal)) {
    if (bytes.includes(0))
      return {
        why: /^(\xff\xfe|\xfe\xff)/.test(bytes.toString('latin1', 0, 2))
          ? 'it is UTF-16: export it as UTF-8'
          : 'it is not text: it has NUL bytes',
      }
    feeds ||= bytes.includes(10)
    if (!utf8) continue
    const joined: Buffer = open.length > 0 ? Buffer.concat([open, bytes]) : bytes
    const whole = joined.length - unfinished(joined)
    utf8 = isUtf8(joined.subarray(0, whole))
    open = Buffer.from(joined.subarray(whole))
  }
  return { encoding: utf8 && open.length === 0 ? 'utf-8' : 'windows-1252', newline: feeds ? '\n' : '\r' }
}

/** Bytes at the end that begin a UTF-8 sequence which the next chunk may complete: at most 3. */
function unfinished(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? back : 0
    if (byte < 0x80) return 0
  }
  return 0
}

/** A physical line, counted from 1. One that is too long to be one has no text. */
export interface Line {
  readonly number: number
  readonly text: string | null
}

/** The lines that are not blank, some hundred at a time (a promise for each would cost more than reading it). */
export async function* linesOf(
  handle: FileHandle,
  { encoding, newline }: Encoded,
  signal: AbortSignal,
): AsyncGenerator<readonly Line[]> {
  const decoder = new TextDecoder(encoding)
  let number = 0
  let rest = ''
  let skipping = false
  const take = (parts: readonly string[]) => {
    const lines: Line[] = []
    for (const part of parts) {
      number++
      const text = skipping || part.length > longest ? null : trimmed(part)
      skipping = false
      if (text === null || text.trim() !== '') lines.push({ number, text })
    }
    return lines
  }
  for await (const bytes of chunks(handle, signal)) {
    const parts = (rest + decoder.decode(bytes, { stream: true })).split(newline)
    rest = parts.pop() ?? ''
    const lines = take(parts)
    if (rest.length > longest) [skipping, rest] = [true, '']
    if (lines.length > 0) yield lines
  }
  yield take([rest + decoder.decode()])
}

/** Without the CR of CRLF, a byte order mark that windows-1252 shows as three letters, and the Ctrl-Z that ends a DOS file. */
function trimmed(line: string): string {
  const last = line.charCodeAt(line.length - 1)
  const text = last === 13 || last === 26 ? line.slice(0, -1).trimEnd() : line
  return text.startsWith('ï»¿') ? text.slice(3) : text
}

async function* chunks(handle: FileHandle, signal: AbortSignal): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(chunk)
  for (let position = 0; ; ) {
    signal.throwIfAborted()
    const { bytesRead } = await handle.read(buffer, 0, chunk, position)
    if (bytesRead === 0) return
    position += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}
