import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root: string = fileURLToPath(new URL('../..', import.meta.url))
/** Where gates put what they make: git does not look, and packages are found from it as a consumer finds them. */
export const made: string = join(root, 'node_modules', '.check')
/** The tarballs of all published packages, once the gate `pack` has run. */
export const packed: string = join(made, 'packed')

export interface Package {
  readonly name: string
  /** Below the root: `packages/channels/twilio`. */
  readonly folder: string
  readonly manifest: Manifest
}
interface Target {
  readonly '@prm/source': string
  readonly types: string
  readonly default: string
}
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly private?: boolean
  readonly prm?: { readonly spec: number }
  readonly exports?: { readonly [subpath: string]: string | Target }
  readonly dependencies?: { readonly [name: string]: string }
  readonly devDependencies?: { readonly [name: string]: string }
  readonly peerDependencies?: { readonly [name: string]: string }
  readonly repository?: unknown
  readonly publishConfig?: { readonly access?: string; readonly provenance?: boolean }
}

export const packages: readonly Package[] = globSync(['packages/*/package.json', 'packages/*/*/package.json'], {
  cwd: root,
  exclude: ['**/node_modules/**'],
})
  .sort()
  .map((file) => {
    const manifest = JSON.parse(readFileSync(join(root, file), 'utf8')) as Manifest
    return { name: manifest.name, folder: dirname(file), manifest }
  })
export const published: readonly Package[] = packages.filter(({ manifest }) => !manifest.private)
/** An adapter says which contract it was written for. */
export const adapters: readonly Package[] = packages.filter(({ manifest }) => manifest.prm)

/** The named packages and all that they need of this workspace, each once, in the order of `all`. */
export function withNeeds(names: readonly string[], all: readonly Package[] = published): readonly Package[] {
  const wanted = new Set<string>()
  const add = (name: string): void => {
    const one = all.find((each) => each.name === name)
    if (!one || wanted.has(name)) return
    wanted.add(name)
    Object.keys({ ...one.manifest.dependencies, ...one.manifest.peerDependencies }).forEach(add)
  }
  names.forEach(add)
  return all.filter(({ name }) => wanted.has(name))
}

/** One line of the `index.json` beside the tarballs. */
export interface Packed {
  readonly name: string
  readonly version: string
  readonly file: string
  readonly integrity: string
  /** What can be imported of it: `@prm/twilio`, `@prm/twilio/simulator`. */
  readonly imports: readonly string[]
}
/** What the gate `pack` made, with the path of each tarball. */
export function tarballs(): readonly (Packed & { readonly path: string })[] {
  const index = JSON.parse(readFileSync(join(packed, 'index.json'), 'utf8')) as readonly Packed[]
  return index.map((one) => ({ ...one, path: join(packed, one.file) }))
}

/** The TypeScript files of a folder of a package, with their paths below the root. */
export function sources({ folder }: Package, ...below: readonly string[]): readonly string[] {
  return globSync(
    below.map((name) => `${folder}/${name}/**/*.ts`),
    { cwd: root },
  ).sort()
}
