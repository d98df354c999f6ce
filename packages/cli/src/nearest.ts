/** Takes a word that names nothing and the names there are, and gives the name that was probably meant. Promises no guess at random. */
function nearest(typed: string, names: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replace(/[\s_-]+/g, '')
  const wanted = plain(typed)
  if (wanted.length < 3) return undefined
  return names.find((name) => plain(name) === wanted) ?? names.find((name) => plain(name).includes(wanted))
}

/** The question that an error ends with, or nothing. */
export function didYouMean(typed: string, names: readonly string[]): string {
  const name = nearest(typed, names)
  return name === undefined ? '' : ` Did you mean ${name}?`
}
