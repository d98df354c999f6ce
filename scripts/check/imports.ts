// Adapters cannot reach core: of `@prm/core` they take types, the error, the event types and `personOf`, and of the other packages of
// @prm only what is written for them. (What core's own files import is tested in packages/core/test/graph.test.ts.)
import { readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import ts from 'typescript'
import { wrong } from './budget.ts'
import { adapters, packages, root, sources } from './packages.ts'

const forAdapters = /^@prm\/(core|kit|kit-node|kit-mail|kit-pages)(\/|$)/
const vocabulary = ['event-type', 'events', 'notice', 'page-events']
  .map((file) => readFileSync(join(root, `packages/core/src/contract/${file}.ts`), 'utf8'))
  .join('\n')
const events = [...vocabulary.matchAll(/^export (?:const|function) (\w+)/gm)].map(([, name]) => name)
const values = new Set(['PrmError', 'personOf', ...events])

interface Import {
  readonly from: string
  /** The names it brings in at run time; `*` for all. */
  readonly values: readonly string[]
}

function importsOf(file: string): readonly Import[] {
  const found: Import[] = []
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier)
      found.push({ from: (node.moduleSpecifier as ts.StringLiteral).text, values: valuesOf(node) })
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [from] = node.arguments
      found.push({ from: from && ts.isStringLiteral(from) ? from.text : '(computed)', values: ['*'] })
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest))
  return found
}

function valuesOf(node: ts.ImportDeclaration | ts.ExportDeclaration): readonly string[] {
  const clause = ts.isImportDeclaration(node) ? node.importClause : node
  if (!clause) return []
  if (ts.isImportClause(clause) ? clause.phaseModifier === ts.SyntaxKind.TypeKeyword : clause.isTypeOnly) return []
  const named = ts.isImportClause(clause) ? clause.namedBindings : clause.exportClause
  if (!named || !(ts.isNamedImports(named) || ts.isNamedExports(named))) return ['*']
  return named.elements.filter((one) => !one.isTypeOnly).map((one) => (one.propertyName ?? one.name).text)
}

// One package speaks to the network by axios, and who needs that takes its fetch.
for (const { name, manifest } of packages)
  if (manifest.dependencies?.axios && name !== '@prm/kit-node') wrong(`${name} depends on axios: see @prm/kit-node`)

for (const adapter of adapters) {
  for (const file of sources(adapter, 'src', 'simulator')) {
    for (const { from, values: names } of importsOf(file)) {
      const own =
        from.startsWith('.') && !relative(join(root, adapter.folder), resolve(root, file, '..', from)).startsWith('..')
      if (from.startsWith('.') && !own) wrong(`${file} imports ${from}, outside its package`)
      if (from.startsWith('@prm/') && !forAdapters.test(from))
        wrong(`${file} imports ${from}, which is not for adapters`)
      if (from.startsWith('@prm/core/') && from !== '@prm/core/adapter')
        wrong(`${file} imports ${from}, which holds the engine`)
      const engine = /^@prm\/core(\/adapter)?$/.test(from) ? names.filter((name) => !values.has(name)) : []
      if (engine.length > 0)
        wrong(`${file} imports ${engine.join(', ')} of @prm/core: only types, PrmError, personOf and events`)
    }
  }
}
