import type { Content, Measurement } from '@prm/core/adapter'

/** app.bsky.feed.post, `text`. */
const most = { graphemes: 300, bytes: 3000 }

export function measure({ text, media = [] }: Content): Measurement {
  let graphemes = 0
  // Whoever counts a long text counts it for nothing.
  for (const _ of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text.slice(0, 20_000))) graphemes++
  const tooLong = graphemes > most.graphemes || Buffer.byteLength(text) > most.bytes
  const warnings = [
    ...(graphemes > most.graphemes ? [`${graphemes} characters, and at most ${most.graphemes} are taken`] : []),
    ...(Buffer.byteLength(text) > most.bytes ? [`more than ${most.bytes} bytes`] : []),
    ...(media.length > 0 ? ['pictures are not sent'] : []),
  ]
  return { units: 1, unit: 'message', ...(tooLong && { tooLong }), warnings }
}

export type Facet = {
  readonly index: { readonly byteStart: number; readonly byteEnd: number }
  readonly features: readonly { readonly [name: string]: string }[]
}
const type = (name: string): string => `app.bsky.richtext.facet#${name}`

/** What can be clicked in a text: links, hashtags and the handles that are somebody's. Offsets are of UTF-8. */
export async function facetsOf(
  text: string,
  didOf: (handle: string) => Promise<string | undefined>,
): Promise<readonly Facet[]> {
  const facet = (start: number, part: string, feature: Facet['features'][number]): Facet => {
    const byteStart = Buffer.byteLength(text.slice(0, start))
    return { index: { byteStart, byteEnd: byteStart + Buffer.byteLength(part) }, features: [feature] }
  }
  const facets: Facet[] = []
  for (const { index, 0: found } of text.matchAll(/https?:\/\/[^\s<>"]+/gi)) {
    const uri = trimmed(found)
    if (URL.canParse(uri)) facets.push(facet(index, uri, { $type: type('link'), uri }))
  }
  for (const { index, 0: part, 1: name = '' } of text.matchAll(/(?<=^|[\s(])@([a-z\d][a-z\d.-]*\.[a-z]{2,})/gi)) {
    const did = await didOf(name.toLowerCase())
    if (did) facets.push(facet(index, part, { $type: type('mention'), did }))
  }
  for (const { index, 0: part, 1: tag = '' } of text.matchAll(/(?<=^|\s)#((?!\d+\b)[\p{L}\p{N}_]{1,64})/gu))
    facets.push(facet(index, part, { $type: type('tag'), tag }))
  return facets.sort((a, b) => a.index.byteStart - b.index.byteStart)
}

/** Without what belongs to the sentence around it. */
function trimmed(uri: string): string {
  const bare = uri.replace(/[.,;:!?'"’“”«»…]+$/, '')
  const [opened, closed] = [/\(/g, /\)/g].map((one) => bare.match(one)?.length ?? 0) as [number, number]
  return bare.endsWith(')') && closed > opened ? trimmed(bare.slice(0, -1)) : bare
}
