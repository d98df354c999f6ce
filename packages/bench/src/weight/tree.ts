import { existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

interface Manifest {
  readonly name: string
  readonly dependencies?: { readonly [name: string]: string }
  readonly exports?: {
    readonly [subpath: string]: string | { readonly '@prm/source': string; readonly default: string }
  }
}
const manifestOf = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

/** As Node looks for it, from folder to folder, at the place where it really is. */
function folderOf(name: string, from: string): string {
  for (const folder of createRequire(join(from, 'package.json')).resolve.paths(name) ?? []) {
    const at = join(folder, name)
    if (existsSync(join(at, 'package.json'))) return realpathSync(at)
  }
  throw new Error(`${name} is not installed for ${from}.`)
}

/** How many packages an installation of these has, with all that they depend on. */
export function installed(from: string, names: readonly string[]): number {
  const found = new Set<string>()
  const visit = (name: string, folder: string): void => {
    const at = folderOf(name, folder)
    if (found.has(at)) return
    found.add(at)
    for (const one of Object.keys(manifestOf(at).dependencies ?? {})) visit(one, at)
  }
  for (const name of names) visit(name, from)
  return found.size
}

/**
 * Our packages as they would be installed: each built to its `dist`, in a tree of links to what they depend on. Their
 * sources would be read slower, and by another condition.
 */
export async function builtTree(from: string, names: readonly string[], to: string): Promise<void> {
  for (const name of names) {
    const folder = folderOf(name, from)
    const { exports = {}, dependencies = {} } = manifestOf(folder)
    const target = join(to, 'node_modules', name)
    const subpaths = Object.entries(exports).filter(([, one]) => typeof one === 'object') as [
      string,
      { readonly '@prm/source': string; readonly default: string },
    ][]
    for (const [, one] of subpaths)
      await build({
        entryPoints: [join(folder, one['@prm/source'])],
        outfile: join(target, one.default),
        bundle: true,
        packages: 'external',
        format: 'esm',
        platform: 'node',
        target: 'node22',
      })
    const shown = Object.fromEntries(subpaths.map(([subpath, one]) => [subpath, one.default]))
    writeFileSync(join(target, 'package.json'), JSON.stringify({ name, type: 'module', exports: shown }))
    for (const one of Object.keys(dependencies).filter((one) => !one.startsWith('@prm/'))) {
      const link = join(to, 'node_modules', one)
      mkdirSync(dirname(link), { recursive: true })
      if (!existsSync(link)) symlinkSync(folderOf(one, folder), link)
    }
  }
}

/** Links to packages as they are installed, so that all are imported from places alike. */
export function linkedTree(from: string, names: readonly string[], to: string): void {
  for (const name of names) {
    const link = join(to, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(folderOf(name, from), link)
  }
}

/** Bytes of a bundle of all that these export and need, minified and gzipped. */
export async function gzipped(folder: string, names: readonly string[]): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: names.map((name, n) => `export * as n${n} from '${name}'`).join('\n'), resolveDir: folder },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    logLevel: 'error',
  })
  return gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).byteLength
}
