/**
 * The text of a document, whatever it says of itself: the byte order mark, then what can only be UTF-8, then what the header
 * says, then its own first line, then Windows-1252 (RFC 7303, 3, without believing a wrong `charset`).
 */
export function textOf(bytes: Uint8Array, contentType: string): string {
  const head = Buffer.from(bytes.subarray(0, 400)).toString('latin1')
  const said = [
    /;\s*charset\s*=\s*["']?([\w.:-]+)/i.exec(contentType)?.[1],
    /^[^>]*encoding\s*=\s*["']([\w.:-]+)["']/.exec(head)?.[1],
  ].flatMap((label) => label?.toLowerCase() ?? [])
  // ISO-2022 is plain ASCII to look at, so that it would pass for UTF-8.
  const first = said.filter((label) => label.startsWith('iso-2022'))
  const labels = [...marked(bytes), ...first, 'utf-8', ...said.filter((label) => !/^utf-?(8|16)/.test(label))]
  for (const label of labels) {
    const text = decoded(bytes, label, true)
    if (text !== undefined) return text
  }
  return decoded(bytes, 'windows-1252', false) ?? ''
}

/** By its mark, or by where the zeros are in its first `<`. */
function marked([a, b, c]: Uint8Array): readonly string[] {
  if (a === 0xef && b === 0xbb && c === 0xbf) return ['utf-8']
  if ((a === 0xff && b === 0xfe) || (a === 0x3c && b === 0)) return ['utf-16le']
  return (a === 0xfe && b === 0xff) || (a === 0 && b === 0x3c) ? ['utf-16be'] : []
}

/** Without what is cut off at its end, as that is how a long document comes. */
function decoded(bytes: Uint8Array, label: string, fatal: boolean): string | undefined {
  try {
    return new TextDecoder(label, { fatal }).decode(bytes, { stream: true })
  } catch {
    return undefined // No such encoding, or it is not written in it.
  }
}
