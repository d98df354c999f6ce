/**
 * A template is a whole file that compiles; what only some adapters need is marked, in comments of any kind: a line that ends
 * in `// @inlet`, or what stands between `// @inlet {` and `// @}`. `@a+b` needs both, `@a|b` one of them. What was not asked for goes, and
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
  return out.join('\n')
}

/** What is marked inside a line: `Access /* @inlet { *​/, Signing /* @} *​/`. */
function within(line: string, holds: (mark: string) => boolean): string {
  return line.replace(/ ?\/\* @([\w|+-]+) \{ \*\/(.*?) ?\/\* @\} \*\//g, (_, mark: string, code: string) =>
    holds(mark) ? code : '',
  )
}
