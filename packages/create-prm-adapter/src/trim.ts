/**
 * A template is a whole file that compiles; what only some adapters need is marked, in comments of any kind: a line that ends
 * in `// @webhook`, or what stands between `// @webhook {` and `// @}`. `@a+b` needs both, `@a|b` one of them. What was not asked for goes, and
 * so do the marks.
 */
export function trimmed(text: string, wanted: ReadonlySet<string>): string {
  const holds = (mark: string): boolean =>
    mark.split('|').some((either) => either.split('+').every((word) => wanted.has(word)))
  const out: string[] = []
  const open: boolean[] = []
  for (const line of text.split('\n')) {
    const [, begin] = /^\s*(?:\/\/|#|<!--) @([\w|+-]+) \{(?: -->)?$/.exec(line) ?? []
    if (begin !== undefined) open.push(holds(begin))
    else if (/^\s*(?:\/\/|#|<!--) @\}(?: -->)?$/.test(line)) {
      if (open.pop() === undefined) throw new Error(`A mark ends that did not begin, before line ${out.length + 1}.`)
    } else if (!open.includes(false)) {
      const [, code = line, mark] = /^(.*?) (?:\/\/|#|<!--) @([\w|+-]+)(?: -->)?$/.exec(line) ?? []
      if (mark === undefined || holds(mark)) out.push(within(code, holds))
    }
  }
  if (open.length > 0) throw new Error('A mark does not end.')
  return closed(out.join('\n'))
}

/** What is marked inside a line: `Access /* @webhook { *​/, Signing /* @} *​/`. */
function within(line: string, holds: (mark: string) => boolean): string {
  return line.replace(/ ?\/\* @([\w|+-]+) \{ \*\/(.*?) ?\/\* @\} \*\//g, (_, mark: string, code: string) =>
    holds(mark) ? code : '',
  )
}

/** What the marks held apart goes back on one line, as a formatter has it, and no more than one line stays empty. */
function closed(text: string): string {
  const oneLine = (whole: string, begin: string, names: string, end: string): string => {
    const list = names
      .trim()
      .replace(/,$/, '')
      .split(/,\n\s*/)
      .join(', ')
    const line = begin.endsWith('[') ? `${begin}${list}${end}` : `${begin} ${list} ${end}`
    return line.length <= 120 ? line : whole
  }
  return text
    .replace(/^((?:import|export)(?: type)? \{)\n((?: {2}[\w ]+,\n)+)(\} from .*)$/gm, oneLine)
    .replace(/^(.*(?:= |: )\[)\n((?: +\w+,\n)+) *(\],?)$/gm, oneLine)
    .replace(/\n{3,}/g, '\n\n')
    .replace(/\n+$/, '\n')
}
