// Writes the declarations of a package: comes in as its entries, goes out as one `.d.ts` a source file below `dist/types`, and a
// line for each entry that leads there. Promises the names and the comments of the source, of what an entry can reach.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import ts from 'typescript'

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2024,
  module: ts.ModuleKind.NodeNext,
  stripInternal: true,
  isolatedDeclarations: true,
}

/** `entries` are source files by the names of what is built of them: `{ index: './src/index.ts' }`. */
export function declare(entries: Readonly<Record<string, string>>, folder: string = process.cwd()): void {
  const written = new Set<string>()
  const write = (file: string): void => {
    if (written.has(file)) return
    written.add(file)
    const { text, imports } = declarationOf(join(folder, file))
    put(join(folder, 'dist/types', file.replace(/\.ts$/, '.d.ts')), text)
    for (const from of imports) write(join(dirname(file), from))
  }
  for (const [name, file] of Object.entries(entries)) {
    const target = relative('.', file)
    write(target)
    put(
      join(folder, `dist/${name}.d.ts`),
      `export * from './types/${target.replaceAll('\\', '/').replace(/\.ts$/, '.js')}'\n`,
    )
  }
}

/** The declarations of one file, which import `./other.js`, and the files that they import. */
function declarationOf(file: string): { readonly text: string; readonly imports: readonly string[] } {
  const { outputText, diagnostics } = ts.transpileDeclaration(readFileSync(file, 'utf8'), {
    fileName: file,
    compilerOptions: options,
    reportDiagnostics: true,
  })
  const [wrong] = diagnostics ?? []
  if (wrong) throw new Error(`${file}: ${ts.flattenDiagnosticMessageText(wrong.messageText, '\n')}`)
  const { importedFiles } = ts.preProcessFile(outputText)
  const own = importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
  const text = own.toReversed().reduce((text, { fileName, pos }) => {
    const at = text.indexOf(fileName, pos)
    return text.slice(0, at) + fileName.replace(/\.ts$/, '.js') + text.slice(at + fileName.length)
  }, outputText)
  return { text, imports: own.map(({ fileName }) => fileName) }
}

function put(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
