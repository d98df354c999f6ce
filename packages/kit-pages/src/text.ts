import { sha256 } from '@prm/kit'
import { compile } from 'html-to-text'
import { tooDeep, withoutTags } from './tags.ts'

/** Made once: to make it takes longer than to read a page. */
const wordsIn = compile({
  wordwrap: false,
  limits: { maxDepth: 50 },
  selectors: [
    { selector: 'img', format: 'skip' },
    { selector: 'a', options: { ignoreHref: true } },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'table'].map((selector) => ({ selector, options: { uppercase: false } })),
  ],
})

/** What a reader sees of HTML: words, without mark-up, pictures and where links lead. Text without mark-up stays, entities are read. */
export function shownText(html: string): string {
  return words(html)
    .replace(/[^\P{Cc}\n\t]/gu, '')
    .toWellFormed()
    .split('\n')
    .map((line) => line.replace(/[\s\u00a0]+/g, ' ').trim())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

/** The parser throws at some HTML, such as a list that counts from 10,000 in Roman numerals: then all but the tags is shown. */
function words(html: string): string {
  try {
    return wordsIn(tooDeep(html) ? withoutTags(html) : html)
  } catch {
    return withoutTags(html)
  }
}

/** Of what a reader sees: blanks and line ends make no other version. */
export function versionOf(...texts: readonly string[]): string {
  return sha256(JSON.stringify(texts.map((text) => text.replace(/\s+/g, ' ').trim()))).hex.slice(0, 16)
}
