// Finds retired words: comes in as the table of docs/glossary.md and the lines to look at, goes out as one hit a line and word.
// Promises to test every row whose last column holds a pattern; an empty one means that a search cannot tell.

export interface RetiredWord {
  readonly retired: string
  readonly use: string
  readonly pattern: RegExp
}
export interface Line {
  /** `packages/core/src/index.ts:12`, with what it is where that helps. */
  readonly place: string
  readonly text: string
}
export interface Glossary {
  readonly words: readonly RetiredWord[]
  /** Rows that only a reader can check. */
  readonly unsearched: readonly string[]
}

/** Reads the table `| retired | use | where | pattern |`. A pattern stands in backticks; `\|` in it is `|`. */
export function glossaryOf(page: string): Glossary {
  const rows = page.split('\n').filter((line) => line.startsWith('|'))
  const head = rows.findIndex((row) => cellsOf(row).join() === 'retired,use,where,pattern')
  if (head < 0) throw new Error('docs/glossary.md: expected a table `| retired | use | where | pattern |`')
  const words: RetiredWord[] = []
  const unsearched: string[] = []
  for (const row of rows.slice(head + 2)) {
    const [retired = '', use = '', , pattern = ''] = cellsOf(row)
    const [, source] = /^`+(.+?)`+$/.exec(pattern) ?? []
    if (source) words.push({ retired, use, pattern: patternOf(source, retired) })
    else if (pattern === '') unsearched.push(retired)
    else throw new Error(`docs/glossary.md: the pattern of ${retired} is not in backticks: ${pattern}`)
  }
  return { words, unsearched }
}

function patternOf(source: string, retired: string): RegExp {
  try {
    return new RegExp(source, 'u')
  } catch (error) {
    throw new Error(`docs/glossary.md: the pattern of ${retired} is no regular expression: ${(error as Error).message}`)
  }
}

const cellsOf = (row: string): readonly string[] =>
  row
    .trim()
    .replace(/^\||(?<!\\)\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'))

/** Each retired word in each line: `place: "word" is retired, use …`. */
export function retiredIn(lines: readonly Line[], { words }: Pick<Glossary, 'words'>): readonly string[] {
  return lines.flatMap(({ place, text }) =>
    words.flatMap(({ retired, use, pattern }) => {
      const [hit] = pattern.exec(text) ?? []
      return hit === undefined ? [] : [`${place}: "${hit}" is retired (${retired}): use ${use}`]
    }),
  )
}
