// The texts that a patron, a librarian or an operator can see: comes in as the source of all packages, goes out as one entry a
// text, with its place and what it is part of. Promises to leave no sentence out; some that nobody sees may be among them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { packages, root, sources } from './check/packages.ts'

export interface Text {
  readonly package: string
  /** Below the root. */
  readonly file: string
  readonly line: number
  /** The call or the property that it stands in: `PrmError`, `detail`, `.option`. Empty where there is none near. */
  readonly part: string
  /** In one line, without tags; a placeholder as `{name}`. */
  readonly text: string
}

/** What is no text for a person, by its form. */
const technical: readonly RegExp[] = [
  /^\s*(select|insert (or \w+ )?into|update \S+ (as \w+ )?set|delete from|create |alter table|drop |with \w+|pragma|begin|commit|rollback)\b(?=[\s\S]*[=(,*;{]|.*$)(?![a-z ]*[.:]$)/, // SQL
  /^\s*(from|where|and|or|order by|group by|on conflict|values|limit|for update|returning|join|left join|inner join|union|having|set|when|case|then|exists|not exists|lock table|truncate|savepoint|vacuum|analyze)\b.*[=(,<>{]/, // SQL's parts
  /\b(not null|primary key|is null|order by|group by|on conflict|partition by)\b/,
  /^[\w-]+\/[\w.+*-]+(;|,) /, // media types
  /^[A-Z][\w-]+: [\w*-]+\/|^(Bearer|Basic|Digest|AccessKey) /, // HTTP headers
  /^[.#@:\w-][^{}]*\{[^{}]*:[^{}]*[;}]/, // style sheets
  /=>|\bfunction\b ?\w*\(|document\.|\bconst \w+ =/, // programs for a page
  /^[\s\W\d]*$/,
]
/** Calls whose arguments nobody sees. */
const silent =
  /^(RegExp|require|sql|prepare|exec|querySelector(All)?|addEventListener|createElement|setAttribute|localeCompare)$/
/** Packages with pages and commands, in which a label of one word is seen too. */
const labelled = /^@prm\/(inbox|insights|listening|outreach|cli)$/

/** All texts, in the order of packages, files and lines. */
export function texts(): readonly Text[] {
  return packages.flatMap((one) =>
    sources(one, 'src', 'bin').flatMap((file) =>
      textsOf(file, readFileSync(join(root, file), 'utf8'), labelled.test(one.name)).map((text) => ({
        package: one.name,
        ...text,
      })),
    ),
  )
}

/** The texts of one file; `labels` counts capitalized single words as well. */
export function textsOf(file: string, source: string, labels = false): readonly Omit<Text, 'package'>[] {
  const parsed = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true)
  const found: Omit<Text, 'package'>[] = []
  const visit = (node: ts.Node): void => {
    const raw = rawOf(node, parsed)
    if (raw !== undefined && !hidden(node)) {
      const text = withoutTags(raw)
      if (isText(text, labels)) {
        const { line } = parsed.getLineAndCharacterOfPosition(node.getStart(parsed))
        found.push({ file, line: line + 1, part: partOf(node), text })
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(parsed)
  return found
}

/** What a literal says, each placeholder as the code in it. */
function rawOf(node: ts.Node, source: ts.SourceFile): string | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text
  if (!ts.isTemplateExpression(node)) return
  const placed = (code: string): string => {
    const [first = ''] = /^[\w.]+/.exec(code) ?? []
    return code.length <= 30 && !/['"`]/.test(code) ? code : `${first}…`
  }
  return node.templateSpans.reduce(
    (text, { expression, literal }) => `${text}{${placed(expression.getText(source))}}${literal.text}`,
    node.head.text,
  )
}

/** Whether it stands where no text for a person does: in an import, a type, a key, a comparison, a tagged template. */
function hidden(node: ts.Node): boolean {
  const { parent } = node
  if (ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent) || ts.isLiteralTypeNode(parent)) return true
  if (ts.isTaggedTemplateExpression(parent)) return silent.test(parent.tag.getText())
  if (ts.isPropertyAssignment(parent) && parent.name === node) return true
  if (ts.isElementAccessExpression(parent) || ts.isCaseClause(parent)) return true
  if (ts.isBinaryExpression(parent) && /^(===|!==|in)$/.test(parent.operatorToken.getText())) return true
  const call = ts.isCallExpression(parent) || ts.isNewExpression(parent) ? nameOf(parent.expression) : ''
  return silent.test(call.replace('.', ''))
}

const nameOf = (expression: ts.Expression): string =>
  ts.isPropertyAccessExpression(expression)
    ? `.${expression.name.text}`
    : ts.isIdentifier(expression)
      ? expression.text
      : ''

/** The nearest call or property around it, at most eight nodes up. */
function partOf(node: ts.Node): string {
  for (let at = node.parent, steps = 0; at && steps < 8; at = at.parent, steps++) {
    if (ts.isPropertyAssignment(at)) return at.name.getText()
    if (ts.isCallExpression(at) || ts.isNewExpression(at)) {
      const name = nameOf(at.expression)
      if (name && !/^\.(join|map|filter|concat|flatMap|push|padEnd|padStart|replace|replaceAll)$/.test(name))
        return name
    }
    if (ts.isVariableDeclaration(at) || ts.isFunctionDeclaration(at)) return at.name?.getText() ?? ''
  }
  return ''
}

/** Attributes that are read out or shown. */
const shown = /(?:aria-label|title|placeholder|alt)="([^"]*)"/g

const withoutTags = (text: string): string =>
  text
    .replace(/<(style|script)[\s\S]*?<\/\1>/g, ' ')
    .replace(/<\/?[a-z!][^>]*>?/gi, (tag) => ` ⏐ ${[...tag.matchAll(shown)].map(([, one]) => one).join(' ⏐ ')} ⏐ `)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replace(/(⏐ ?)+/g, '⏐ ')
    .replace(/^ ?⏐ ?|[\s⏐]+$/g, '')
    .trim()

function isText(text: string, labels: boolean): boolean {
  const plain = text.replace(/\{[^{}]*\}/g, '')
  if (technical.some((form) => form.test(text)) || !/\p{L}{2}/u.test(plain)) return false
  if (/^(-\w, )?--[a-z][\w-]*/.test(text)) return true // an option of a command
  if (/\p{L}.* |[^\w./]? \p{L}|\p{L}{2}[.!?…]$/u.test(plain)) return true
  return labels && /^\p{Lu}\p{Ll}+$/u.test(plain)
}

/** The list as a page: packages, files, lines. */
export function stringsPage(): string {
  const all = texts()
  const lines = [
    '# Every text that somebody can see',
    '',
    `${all.length} texts, by \`npm run generate -- strings\`. A placeholder stands as \`{name}\`, the border of a tag as ⏐.`,
  ]
  let file = ''
  let name = ''
  for (const one of all) {
    if (one.package !== name) lines.push('', `## ${one.package}`)
    if (one.file !== file) lines.push('', `### ${one.file}`, '')
    name = one.package
    file = one.file
    lines.push(`- ${one.line}${one.part ? ` ${one.part}` : ''}: ${one.text}`)
  }
  return `${lines.join('\n')}\n`
}
