// The public names of all published packages: comes in as their entries, goes out as each exported name and each member of an
// exported type, with its place. Promises every name that a host or an adapter can write.
import { join, relative } from 'node:path'
import ts from 'typescript'
import type { Line } from './glossary.ts'
import { type Package, published, root } from './packages.ts'

const config: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2024,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  customConditions: ['@prm/source'],
  allowImportingTsExtensions: true,
  noEmit: true,
  skipLibCheck: true,
}

const entriesOf = ({ folder, manifest }: Package): readonly string[] =>
  Object.values(manifest.exports ?? {}).flatMap((target) =>
    typeof target === 'string' ? [] : join(root, folder, target['@prm/source']),
  )

/** Each once, in the order of packages: `Purpose.media` at `packages/core/src/contract/purpose.ts:12`. */
export function publicNames(): readonly Line[] {
  const entries = published.flatMap(entriesOf)
  const program = ts.createProgram(entries, config)
  const checker = program.getTypeChecker()
  const found = new Map<string, Line>()
  for (const entry of entries) {
    const source = program.getSourceFile(entry)
    const module = source && checker.getSymbolAtLocation(source)
    for (const symbol of module ? checker.getExportsOfModule(module) : []) {
      const alias = symbol.flags & ts.SymbolFlags.Alias
      const declarations = (alias ? checker.getAliasedSymbol(symbol) : symbol).declarations ?? []
      for (const node of declarations.filter((one) => isOurs(one.getSourceFile().fileName)))
        for (const line of namesIn(node, symbol.name)) found.set(`${line.place} ${line.text}`, line)
    }
  }
  return [...found.values()]
}

const isOurs = (file: string): boolean => !relative(root, file).startsWith('..') && !file.includes('/node_modules/')

/** The name itself, and the members that its declaration writes out, those of nested types included. */
function namesIn(node: ts.Node, name: string): readonly Line[] {
  const source = node.getSourceFile()
  const at = (one: ts.Node, text: string): Line => {
    const { line } = source.getLineAndCharacterOfPosition(one.getStart(source))
    return { place: `${relative(root, source.fileName)}:${line + 1}`, text }
  }
  const found = [at(node, name)]
  const visit = (one: ts.Node, owner: string): void => {
    let path = owner
    if (ts.isBlock(one)) return // what a function does inside is its own
    if ((ts.isTypeElement(one) || ts.isClassElement(one)) && one.name) {
      const isPrivate = ts.isPrivateIdentifier(one.name)
      if (isPrivate) return
      path = `${owner}.${one.name.getText(source)}`
      found.push(at(one, path))
    }
    ts.forEachChild(one, (child) => visit(child, path))
  }
  visit(node, name)
  return found
}
