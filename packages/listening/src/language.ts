// Only English is told here, by its commonest words: all that is read without a source's own word is English or unknown.
export const commonWords: ReadonlySet<string> = new Set(
  'the a an and or but of to in on at for with from by is are was were be been am it its this that these those i you he she we they my your our their me us them not no do does did have has had will would can could there here what when where who why how if so just about out up down again'.split(
    ' ',
  ),
)

/** `en` where at least a fifth of the words are the commonest of English, and three of them; else nothing is known. */
export function english(text: string): string | undefined {
  const words =
    text
      .replace(/https?:\/\/\S+|[@#]\S+/g, ' ')
      .toLowerCase()
      .match(/[\p{L}']+/gu) ?? []
  const found = words.filter((word) => commonWords.has(word)).length
  return found >= 3 && found / words.length >= 0.2 ? 'en' : undefined
}
