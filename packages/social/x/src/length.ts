/**
 * How long X counts a text (fundamentals/counting-characters.mdx; twitter-text's config v3): 1 for Latin, punctuation and
 * their like, 2 for all else and for an emoji of whatever parts, 23 for a link, after NFC.
 */
export function weightOf(text: string): number {
  const { rest, links } = linksIn(text.normalize('NFC'))
  let weight = links * 23
  for (const { segment } of graphemes.segment(rest)) {
    if (emoji.test(segment)) weight += 2
    else for (const letter of segment) weight += isLight(letter.codePointAt(0) ?? 0) ? 1 : 2
  }
  return weight
}
export const longest = 280

export const hasLink = (text: string): boolean => linksIn(text).links > 0

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
/** What Unicode lists, and what is joined in the same way without being listed. */
const emoji = /^\p{RGI_Emoji}$|\p{Extended_Pictographic}[\s\S]*\u200d[\s\S]*\p{Extended_Pictographic}/v

function isLight(point: number): boolean {
  const ranges = [0, 4351, 8192, 8205, 8208, 8223, 8242, 8247]
  return ranges.some((from, at) => at % 2 === 0 && point >= from && point <= (ranges[at + 1] ?? 0))
}

/**
 * With `https://`, or a bare name of a domain. X knows all top-level domains; here are the common ones, and those of countries
 * only where a path or a further name is with them, as with X.
 */
const link =
  /(?<![\p{L}\p{N}@$#＠＃_.-])(?:https?:\/\/[^\s/]+\.[^\s/]+|(?:[a-z\d][a-z\d-]*\.)+(?:com|org|net|edu|gov|mil|int|info|biz|app|dev|io|co|tv|blog|site|online|xyz)(?![\p{L}\p{N}@-])|(?:[a-z\d][a-z\d-]*\.){2,}[a-z]{2}(?![\p{L}\p{N}@-])|[a-z\d][a-z\d-]*\.[a-z]{2}(?=\/\S))(?:[/?#:]\S*)?/giu
/** What ends a sentence is no part of a link. */
const after = /[.,;:!?'"”’)\]…]+$/

function linksIn(text: string): { readonly rest: string; readonly links: number } {
  let links = 0
  const rest = text.replace(link, (found) => {
    links++
    return after.exec(found)?.[0] ?? ''
  })
  return { rest, links }
}
