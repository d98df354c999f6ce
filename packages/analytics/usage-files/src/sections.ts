import { PrmError } from '@prm/core/adapter'

/** One table of a file, with what stands in the lines before it. */
export interface Section {
  readonly bytes: AsyncIterable<Uint8Array>
  /** The first and the last day that it is of. */
  readonly span?: { readonly from: string; readonly to: string }
  readonly sampled: boolean
  /** It says that rows are withheld, so that nobody is known by them. */
  readonly withheld: boolean
}

const mostBytes = 64 * 1024 * 1024
const hash = 0x23

/**
 * The tables of a file. An export of Google Analytics begins with lines that begin with `#`, which say what it is of, and may
 * hold several tables; it is small, and read as a whole. Anything else is one table, read as it comes.
 */
export async function* sectionsOf(bytes: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Section> {
  const chunks = bytes[Symbol.asyncIterator]()
  const first = await chunks.next()
  const head: Uint8Array = first.done ? new Uint8Array() : first.value
  const all = (async function* () {
    yield head
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value
  })()
  const at = head[0] === 0xef && head[1] === 0xbb ? 3 : 0
  if (head[at] !== hash) yield { bytes: all, sampled: false, withheld: false }
  else yield* split(await textOf(all, file))
}

async function textOf(bytes: AsyncIterable<Uint8Array>, file: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of bytes) {
    size += chunk.byteLength
    if (size > mostBytes)
      throw new PrmError('invalid', `${file}: an export that begins with # is read up to 64 MiB: export fewer days.`)
    chunks.push(chunk)
  }
  return new TextDecoder().decode(Buffer.concat(chunks))
}

function* split(text: string): Generator<Section> {
  let notes: string[] = []
  let table: string[] = []
  /** What the first lines say is of every table, what stands between two of the next one. */
  let file: readonly string[] | undefined
  const section = (): Section => {
    const said = [...(file ?? []), ...notes].join('\n')
    file ??= notes
    const lines = table
    ;[notes, table] = [[], []]
    return {
      bytes: (async function* () {
        yield new TextEncoder().encode(`${lines.join('\n')}\n`)
      })(),
      ...spanIn(said),
      sampled: isSampled(said),
      withheld: /threshold/i.test(said),
    }
  }
  for (const line of text.split(/\r?\n/)) {
    const note = /^\s*"?#(.*)$/.exec(line)
    if ((note || line.trim() === '') && table.length > 0) yield section()
    if (note) notes.push(note[1] ?? '')
    else if (line.trim() !== '') table.push(line)
  }
  if (table.length > 0) yield section()
}

const day = String.raw`(\d{4})-?(\d{2})-?(\d{2})`
function spanIn(said: string): Pick<Section, 'span'> {
  // `Start date: 20261101` and `End date: 20261130`, or `20261101-20261130`.
  const [from, to] = [...said.matchAll(new RegExp(String.raw`(?<!\d)${day}(?!\d)`, 'g'))].map((found) =>
    found.slice(1, 4).join('-'),
  )
  return from !== undefined && to !== undefined ? { span: { from, to } } : {}
}

/** `#(31.54% of sessions)`, `Based on 12% of available data`, `sampled`. */
function isSampled(said: string): boolean {
  const [, share] =
    /(\d+(?:[.,]\d+)?)\s*%\s+of\s+(?:the\s+)?(?:available\s+)?(?:sessions|events|users|data)/i.exec(said) ?? []
  if (share !== undefined) return Number(share.replace(',', '.')) < 100
  return /\bsampl(ed|ing)\b/i.test(said.replace(/\bnot? sampl\w+/gi, ''))
}
