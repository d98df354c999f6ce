import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { PrmError } from '@prm/core'
import { sealOf } from './file.ts'

/** Bytes as they come from a file or a request. */
export type Bytes = string | AsyncIterable<Uint8Array>

/** More than a line of a list is; what has no end of line until then is no list. */
const longest = 16 * 1024 * 1024

/**
 * Text of bytes, whole lines at a time: UTF-8, UTF-16 by its mark or its zeros, and each line that is not UTF-8 as
 * windows-1252, so that a list pasted together of both is read. Throws `invalid` for what is no text, and `conflict`, at its end, for a
 * file that changed meanwhile.
 */
export async function* textOf(source: Bytes, signal?: AbortSignal): AsyncGenerator<string> {
  const seal = typeof source === 'string' ? await sealOf(source).catch(() => undefined) : undefined
  const bytes = typeof source === 'string' ? createReadStream(source, { highWaterMark: 64 * 1024 }) : source
  let held: Buffer = Buffer.alloc(0)
  let decoder: InstanceType<typeof TextDecoder> | undefined
  let begun = false
  try {
    for await (const chunk of bytes) {
      signal?.throwIfAborted()
      if (decoder) {
        yield decoder.decode(chunk, { stream: true })
        continue
      }
      held =
        held.length > 0 ? Buffer.concat([held, chunk]) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      if (!begun) {
        if (held.length < 4) continue
        begun = true
        const wide = utf16Of(held)
        if (wide) {
          decoder = new TextDecoder(wide)
          yield decoder.decode(held, { stream: true })
          continue
        }
        held = refused(held)
      }
      const end = held.lastIndexOf(0x0a) + 1
      if (end === 0 && held.length > longest) throw noText('it has a line of more than 16 MiB')
      if (end === 0) continue
      yield decoded(held.subarray(0, end))
      held = held.subarray(end)
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (typeof source !== 'string' || PrmError.is(error) || typeof code !== 'string') throw error
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'it may not be read' : code
    throw new PrmError('invalid', `The list cannot be read: ${why}.`, { field: 'audience', cause: error })
  }
  if (decoder) yield decoder.decode()
  else if (held.length > 0) yield decoded(begun ? held : refused(held))
  // What is still written, or was cut meanwhile, is read in part: a refusal further down would be missing.
  if (typeof source === 'string' && (await sealOf(source).catch(() => undefined)) !== seal)
    throw new PrmError('conflict', 'The list changed while it was read. Begin again once it is whole.', {
      field: 'audience',
    })
}

function utf16Of(head: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  if (head[0] !== 0 && head[1] === 0 && head[2] !== 0 && head[3] === 0) return 'utf-16le'
  return head[0] === 0 && head[1] !== 0 && head[2] === 0 && head[3] !== 0 ? 'utf-16be' : undefined
}

/** Without its mark. A spreadsheet is a zip. */
function refused(head: Buffer): Buffer {
  if (head.subarray(0, 4).toString('latin1') === 'PK\x03\x04')
    throw noText('it is a spreadsheet: save it as CSV, UTF-8')
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? head.subarray(3) : head
}

const western = new TextDecoder('windows-1252')

function decoded(lines: Buffer): string {
  if (lines.includes(0)) throw noText('it has zero bytes: save it as UTF-8')
  if (isUtf8(lines)) return lines.toString('utf8')
  let text = ''
  for (let from = 0; from < lines.length; ) {
    const end = lines.indexOf(0x0a, from) + 1 || lines.length
    const line = lines.subarray(from, end)
    text += isUtf8(line) ? line.toString('utf8') : western.decode(line)
    from = end
  }
  return text
}

function noText(why: string): PrmError {
  return new PrmError('invalid', `The list cannot be read: ${why}.`, { field: 'audience' })
}
