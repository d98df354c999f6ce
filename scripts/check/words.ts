// None of the words that docs/glossary.md retires is left where somebody reads: in texts, public names, options of the CLI, and
// the documentation.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { texts } from '../strings.ts'
import { wrong } from './budget.ts'
import { glossaryOf, type Line, retiredIn } from './glossary.ts'
import { publicNames } from './names.ts'
import { root } from './packages.ts'

const read = (file: string): string => readFileSync(join(root, file), 'utf8')

const documents = globSync(['*.md', 'docs/**/*.md', 'packages/**/README.md', 'examples/**/*.md'], {
  cwd: root,
  exclude: [
    '**/node_modules/**',
    '**/dist/**',
    'docs/glossary.md',
    'docs/reference/api/**',
    'docs/packages/**',
    'strings.md',
  ],
})
/** Each kind of text, and its lines. An option is written where a command is defined: `--allow <numbers>`. */
const sources: { readonly [kind: string]: () => readonly Line[] } = {
  // Code that stands in a placeholder is not seen.
  texts: () =>
    texts().map(({ file, line, text }) => ({ place: `${file}:${line}`, text: text.replace(/\{[^{}]*\}/g, '{…}') })),
  'public names': publicNames,
  'lines of documentation': () =>
    documents.sort().flatMap((file) =>
      read(file)
        .split('\n')
        .map((text, index) => ({ place: `${file}:${index + 1}`, text })),
    ),
}

const glossary = glossaryOf(read('docs/glossary.md'))
const counts = Object.entries(sources).map(([kind, lines]) => {
  const all = lines()
  for (const hit of retiredIn(all, glossary)) wrong(hit)
  return `${all.length} ${kind}`
})
console.log(`words: ${glossary.words.length} retired words searched in ${counts.join(', ')}`)
