/** So many words in a row are one mark of a text. */
const run = 3
/** Marks that two texts share: eight words in a row are six. */
const leastShared = 6
/** Of the marks of the shorter one. */
const leastShare = 0.5
const leastWords = 8
/** What stands in more texts is a phrase of the day, and marks none. */
const common = 200

/**
 * For each text the place of the one that it repeats, its own if none: what says the same, or at least half of it in the same
 * words, eight or more. Links, handles and "RT @" are none of its words.
 */
export function copies(texts: readonly string[]): readonly number[] {
  const same = new Map<string, number>()
  const marked = new Map<string, number[]>()
  const sizes: number[] = []
  return texts.map((text, at) => {
    const words = wordsOf(text)
    if (words.length < leastWords) return at
    const whole = words.join(' ')
    const known = same.get(whole)
    if (known !== undefined) return known
    const marks = [...new Set(words.slice(run - 1).map((_, from) => words.slice(from, from + run).join(' ')))]
    const first = repeated(marks) ?? at
    same.set(whole, first)
    if (first !== at) return first
    sizes[at] = marks.length
    for (const mark of marks) {
      const there = marked.get(mark)
      if (!there) marked.set(mark, [at])
      else if (there.length < common) there.push(at)
    }
    return at
  })

  function repeated(marks: readonly string[]): number | undefined {
    const shared = new Map<number, number>()
    for (const mark of marks) {
      const there = marked.get(mark)
      if (there && there.length < common) for (const other of there) shared.set(other, (shared.get(other) ?? 0) + 1)
    }
    return [...shared]
      .filter(
        ([other, count]) => count >= leastShared && count >= leastShare * Math.min(marks.length, sizes[other] ?? 0),
      )
      .sort(([a, x], [b, y]) => y - x || a - b)[0]?.[0]
  }
}

function wordsOf(text: string): readonly string[] {
  const own = text
    .replace(/^\s*RT\s+@?\S+:?/i, '')
    .replace(/\bhttps?:\/\/\S+|(?<![\p{L}\p{N}])@[\p{L}\p{N}_.@-]+/gu, ' ')
  return own.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}
