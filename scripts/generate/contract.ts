// All that an adapter's author meets of the contract, as declarations with their comments, on one page.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { root } from '../check/packages.ts'

const contract = (...files: readonly string[]) => files.map((file) => `core/src/contract/${file}.ts`)

/** In the order in which they are read; of each file what can be reached from the first names. */
const sections: readonly { readonly title: string; readonly files: readonly string[]; readonly about: string }[] = [
  {
    title: 'The adapter and its facets',
    files: contract(
      'adapter',
      'context',
      'channel',
      'webhook',
      'feed',
      'write-back',
      'knowledge',
      'metrics',
      'simulator',
    ),
    about: 'A plain object of `@prm/core`. A facet that is there is offered; nothing else says so.',
  },
  {
    title: 'Library systems',
    files: contract('ils'),
    about: 'Three more facets: who, what they have, what there is.',
  },
  {
    title: 'The vocabulary of facts',
    files: contract('event-type', 'events', 'notice', 'page-events'),
    about: 'What `emits` lists. These are values of `@prm/core`; one of your own is made by `defineEvent`.',
  },
  {
    title: 'Facts, content, people',
    files: contract('ref', 'interaction', 'address', 'people', 'conversation'),
    about: 'What facts are made of.',
  },
  { title: 'Errors', files: contract('errors'), about: 'The one way to say that something was not done.' },
  { title: 'Words', files: contract('primitives'), about: 'The smallest parts.' },
  {
    title: 'The suite',
    files: ['conformance/src/checks.ts'],
    about:
      'Of `@prm/conformance`, for `adapterSuite(test, suite)` and `report(adapter, suite)`. The checks stand in [its README](../../packages/conformance/README.md#checks).',
  },
]
const first: readonly string[] = [
  'Adapter',
  'Simulator',
  'messageReceived',
  'messageDelivery',
  'notice',
  'defineEvent',
  'PrmError',
  'Suite',
  'Test',
]

interface Declared {
  readonly name: string
  readonly file: string
  readonly text: string
  /** Every name that stands in it. */
  readonly names: readonly string[]
}

export function contractPage(): string {
  const all = sections.flatMap(({ files }) => files.flatMap(declaredIn))
  const named = new Map(all.map((one) => [one.name, one]))
  const reached = new Set<string>()
  const visit = (name: string): void => {
    const one = named.get(name)
    if (!one || reached.has(name)) return
    reached.add(name)
    one.names.forEach(visit)
  }
  for (const name of first) {
    if (!named.has(name)) throw new Error(`The contract has no ${name} any more: see scripts/generate/contract.ts`)
    visit(name)
  }
  // A second heading that differs in case only is numbered (MessageReceived is the data of messageReceived).
  const slugs = new Map<string, string>()
  for (const { name } of all.filter((one) => reached.has(one.name))) {
    const slug = name.toLowerCase()
    slugs.set(name, [...slugs.values()].includes(slug) ? `${slug}-1` : slug)
  }
  const link = (name: string): string => `[${name}](#${slugs.get(name)})`
  const parts = sections.map(({ title, files, about }) => {
    const here = all.filter((one) => files.includes(one.file) && reached.has(one.name))
    const types = here.map(({ name, text, names }) => {
      const others = [...new Set(names)].filter((other) => other !== name && reached.has(other))
      return `### ${name}\n\n\`\`\`typescript\n${text}\n\`\`\`\n${others.length > 0 ? `\n${others.map(link).join(' · ')}\n` : ''}`
    })
    return {
      title,
      list: here.map(({ name }) => link(name)).join(' · '),
      text: `## ${title}\n\n${about}\n\n${types.join('\n')}`,
    }
  })
  return `<!-- npm run generate -->
# The adapter contract

Everything that an adapter offers, takes and says, from the types themselves. [Write an adapter](../guides/write-an-adapter.md) is the way in,
[@prm/kit](../../packages/kit/README.md) what adapters share, [@prm/conformance](../../packages/conformance/README.md) what checks them.

${parts.map(({ title, list }) => `- **${title}**: ${list}`).join('\n')}

${parts.map(({ text }) => text).join('\n')}`
}

/** What a file exports, as its declarations have it: no bodies, no values. */
function declaredIn(file: string): readonly Declared[] {
  const source = readFileSync(join(root, 'packages', file), 'utf8')
  const { outputText } = ts.transpileDeclaration(source, {
    fileName: file,
    compilerOptions: { target: ts.ScriptTarget.ES2024, module: ts.ModuleKind.NodeNext },
  })
  const parsed = ts.createSourceFile(file, outputText, ts.ScriptTarget.Latest, true)
  return parsed.statements.flatMap((statement) => {
    const name = nameOf(statement)
    if (
      !name ||
      !ts.canHaveModifiers(statement) ||
      !ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
    )
      return []
    const names: string[] = []
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node) && !ts.isPropertySignature(node.parent) && !ts.isParameter(node.parent))
        names.push(node.text)
      ts.forEachChild(node, visit)
    }
    visit(statement)
    return [{ name, file, text: textOf(statement, parsed), names }]
  })
}

function nameOf(statement: ts.Statement): string | undefined {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations[0]?.name.getText()
  const { name } = statement as { readonly name?: ts.Node }
  return name?.getText()
}

/** With its own comment, and none that heads a part of the file. */
function textOf(statement: ts.Statement, file: ts.SourceFile): string {
  const doc = ts.getJSDocCommentsAndTags(statement).filter(ts.isJSDoc).at(-1)
  const text = file.text.slice(doc?.pos ?? statement.getStart(), statement.end)
  return text.replaceAll(/^( {4})+/gm, (spaces) => ' '.repeat(spaces.length / 2)).replaceAll(/^( *) (?=\*)/gm, '$1 ')
}
