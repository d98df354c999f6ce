// Adapters cannot reach the engine: of core they import `@prm/core/adapter`, which holds the contract and nothing else, and of the
// other packages of @prm only what is written for them; these, the stores and the conformance suite import the contract alone too.
// Core's own folders import in one direction, which is printed.
import { readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import ts from 'typescript'
import { wrong } from './budget.ts'
import { adapters, type Package, packages, root, sources } from './packages.ts'
import { rooms, roomsWrong } from './rooms.ts'

const ofCore = /^@prm\/core(\/|$)/
const forAdapters = /^@prm\/(kit|kit-node|kit-mail|kit-pages)(\/|$)/
/** What adapters are built from, and what a store or a suite is: each needs the contract and no engine. */
const builtOnContract = /^@prm\/(kit|kit-node|kit-mail|kit-pages|store-sql|store-sqlite|store-postgres|conformance)$/
/** It starts a host on the store under test. */
const startsEngine = 'packages/conformance/src/store/once.ts'

/** The modules that a file names, types included. */
function importsOf(file: string): readonly string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier)
      found.push((node.moduleSpecifier as ts.StringLiteral).text)
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [from] = node.arguments
      found.push(from && ts.isStringLiteral(from) ? from.text : '(computed)')
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest))
  return found
}

// One package speaks to the network by axios, and who needs that takes its fetch.
for (const { name, manifest } of packages)
  if (manifest.dependencies?.axios && name !== '@prm/kit-node') wrong(`${name} depends on axios: see @prm/kit-node`)

/** Says where a file imports another entry of core than the contract. */
function checkContract(one: Package): void {
  for (const file of sources(one, 'src', 'simulator'))
    for (const from of importsOf(file))
      if (ofCore.test(from) && from !== '@prm/core/adapter' && file !== startsEngine)
        wrong(`${file} imports ${from}, which holds the engine: import the contract from '@prm/core/adapter' instead`)
}

for (const one of packages) if (builtOnContract.test(one.name)) checkContract(one)

for (const adapter of adapters) {
  checkContract(adapter)
  for (const file of sources(adapter, 'src', 'simulator')) {
    for (const from of importsOf(file)) {
      const own =
        from.startsWith('.') && !relative(join(root, adapter.folder), resolve(root, file, '..', from)).startsWith('..')
      if (from.startsWith('.') && !own) wrong(`${file} imports ${from}, outside its package`)
      if (from.startsWith('@prm/') && !ofCore.test(from) && !forAdapters.test(from))
        wrong(`${file} imports ${from}, which is not for adapters`)
    }
  }
}

// Core: each folder imports only from itself and from those above it, and says in its index what it is for.
for (const core of packages.filter(({ name }) => name === '@prm/core')) {
  const src = `${core.folder}/src/`
  const files = sources(core, 'src').map((file) => ({
    name: file.slice(src.length),
    text: readFileSync(join(root, file), 'utf8'),
    imports: importsOf(file).filter((from) => from.startsWith('.')),
  }))
  const faults = roomsWrong(files)
  for (const fault of faults) wrong(`${src}${fault}`)
  console.log(
    `folders of core, in order: ${rooms.join(' → ')}: ${faults.length || 'no'} violation${faults.length > 1 ? 's' : ''}`,
  )
}
