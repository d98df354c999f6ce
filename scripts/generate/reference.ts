// The reference pages that are short enough to be kept beside the code: takes the error codes, event types and decision rules
// as the source has them, and gives a page of Markdown for each.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EventType } from '@prm/core'
import ts from 'typescript'
import { rules } from '../../packages/core/src/decide/rules/index.ts'
import { published, root, sources } from '../check/packages.ts'
import { tableOf } from './tables.ts'

const head = '<!-- npm run generate -->\n'

/** Each code of `PrmError`, with the comment above it. A comment holds for the codes below it, until the next. */
export function errorsPage(): string {
  const source = parsed('packages/core/src/contract/errors.ts')
  const union = source.statements.find((one) => ts.isTypeAliasDeclaration(one) && ts.isUnionTypeNode(one.type))
  if (!union || !ts.isTypeAliasDeclaration(union) || !ts.isUnionTypeNode(union.type))
    throw new Error('packages/core/src/contract/errors.ts has no union of codes: see scripts/generate/reference.ts.')
  let meaning = ''
  const rows = union.type.types.map((type) => {
    // The bar before the code follows the comment.
    const between = source.text.slice(0, type.getStart())
    meaning = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*\|\s*$/.exec(between)?.[1]?.trim() ?? meaning
    return [`\`${type.getText().replaceAll("'", '')}\``, meaning]
  })
  return `${head}# Error codes

Every error of @prm is a \`PrmError\`. Its \`code\` says what went wrong and so what happens next. Recognize one with
\`PrmError.is(error)\`, which also works across two copies of \`@prm/core\`. Its message never holds patron data.

${tableOf(['code', 'meaning and consequence'], rows)}
An error can also have \`field\` (the path of the wrong field, such as \`items[0].due\`), \`retryAfterMs\` (how long to wait) and
\`vendor\` (the vendor's own status and code). The [adapter contract](adapter-contract.md#errors) has the types.
`
}

/** Each rule of a decision in the order in which it is asked. */
export function rulesPage(): string {
  const rows = Object.entries(rules).flatMap(([stage, list]) =>
    list.map((rule) => [
      `\`${rule.name}\``,
      stage,
      rule.verdicts.join(', '),
      rule.option ? `\`${rule.option}\`` : '',
      about('packages/core/src/decide/rules', rule),
    ]),
  )
  return `${head}# Decision rules

Before a message is sent, these rules are asked from top to bottom. Each can let it pass, defer it to a later time or reject
it. The decision stores every answer as a reason; \`prm explain\` prints them.

The stages run in this order: \`patron\` once, \`medium\` for each medium, \`channel\` for each channel that carries the medium,
\`address\` for each address, and \`time\` for the first address that passes. The first rejection ends its stage.

${tableOf(['rule', 'stage', 'verdicts', 'option', 'what it checks'], rows)}
The rules are in [\`packages/core/src/decide/rules\`](../../packages/core/src/decide/rules/index.ts), one file each. To add one,
write a file there and list it in \`index.ts\`.
`
}

/** Each event type that a package exports. */
export async function eventsPage(): Promise<string> {
  const parts: string[] = []
  for (const one of published) {
    const rows = (await Promise.all(sources(one, 'src').map(eventsIn))).flat()
    if (rows.length === 0) continue
    const table = tableOf(
      ['event', 'exported as', 'kept for', 'what it says'],
      rows.toSorted((a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1)),
    )
    parts.push(`## ${one.name}\n\n${table}`)
  }
  return `${head}# Events

An event type names a kind of interaction and its shape. Flows listen for it by its value:
\`prm.flow('name', messageReceived, …)\`. Make your own with \`defineEvent\`. An interaction is kept for 90 days unless its event type
or your configuration says otherwise: see [data retention](../what-is-kept.md).

${parts.join('\n')}`
}

async function eventsIn(file: string): Promise<readonly (readonly string[])[]> {
  const source = parsed(file)
  const found = source.statements.flatMap((statement) => {
    const declared = ts.isVariableStatement(statement) ? statement.declarationList.declarations[0] : undefined
    const type = declared?.type
    if (!declared || !type || !ts.isTypeReferenceNode(type) || type.typeName.getText() !== 'EventType') return []
    const [name, data] = type.typeArguments ?? []
    const comment = commentOf(statement) || (data && commentOfType(source, data.getText())) || ''
    return [{ name: name?.getText().replaceAll("'", '') ?? '', value: declared.name.getText(), comment }]
  })
  if (found.length === 0) return []
  const values = (await import(join(root, file))) as { readonly [name: string]: EventType | undefined }
  return found.map(({ name, value, comment }) => [
    `\`${name}\``,
    `\`${value}\``,
    spoken(values[value]?.retention ?? '90d'),
    comment,
  ])
}

function spoken(retention: string): string {
  const [, count = '', unit = ''] = /^(\d+)([dh])$/.exec(retention) ?? []
  if (!count) return retention
  return `${count} ${unit === 'd' ? 'day' : 'hour'}${count === '1' ? '' : 's'}`
}

function commentOfType(source: ts.SourceFile, name: string): string {
  const declared = source.statements.find(
    (one) => (ts.isInterfaceDeclaration(one) || ts.isTypeAliasDeclaration(one)) && one.name.text === name,
  )
  return declared ? commentOf(declared) : ''
}

/** The sentence above the value `rule`, found by what it is called in its file. */
function about(folder: string, rule: { readonly name: string; readonly stage: string }): string {
  const index = parsed(`${folder}/index.ts`)
  for (const statement of index.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue
    const path = statement.moduleSpecifier.text
    if (!path.startsWith('./')) continue
    for (const one of parsed(join(folder, path)).statements) {
      const text = ts.isVariableStatement(one) ? one.getText() : ''
      if (text.includes(`name: '${rule.name}'`) && text.includes(`stage: '${rule.stage}'`)) return commentOf(one)
    }
  }
  throw new Error(`No file of ${folder} has the rule "${rule.name}" of the stage "${rule.stage}".`)
}

/** A declaration's comment, in one line of a table. */
function commentOf(node: ts.Node): string {
  const doc = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).at(-1)
  return (ts.getTextOfJSDocComment(doc?.comment) ?? '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll('|', '\\|')
    .replaceAll('<', '&lt;')
    .trim()
}

const parsed = (file: string): ts.SourceFile =>
  ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true)
