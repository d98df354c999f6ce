// What a release does with each package: comes in as arguments, environment, manifests, changesets and tags; goes out as a
// sentence of refusal, or a state for each package. Pure.
import { parseArgs } from 'node:util'
import type { Manifest } from './check/packages.ts'

export interface Asked {
  readonly dryRun: boolean
}
export const usage = 'usage: npm run release -- --dry-run'

/** Reads the arguments; says what is wrong with them, or why nothing may be published from here. */
export function askedOf(args: readonly string[], env: NodeJS.ProcessEnv): Asked | string {
  const options = { 'dry-run': { type: 'boolean' } } as const
  const parsed = (() => {
    try {
      return parseArgs({ args: [...args], options, strict: true }).values
    } catch (error) {
      return (error as Error).message
    }
  })()
  if (typeof parsed === 'string') return `${parsed}\n${usage}`
  if (parsed['dry-run']) return { dryRun: true }
  if (!env.CI) return `Packages are published by CI only. To see what would be published: npm run release -- --dry-run`
  if (!env.ACTIONS_ID_TOKEN_REQUEST_URL)
    return 'There is no id-token, which provenance needs: give the job `permissions: id-token: write`.'
  return { dryRun: false }
}

/** What keeps a manifest from being published with provenance. */
export function manifestWrong({ publishConfig, repository }: Manifest): readonly string[] {
  return [
    ...(publishConfig?.access === 'public' ? [] : ['`publishConfig.access` is not "public"']),
    ...(publishConfig?.provenance === true ? [] : ['`publishConfig.provenance` is not true']),
    ...(repository ? [] : ['`repository` is missing: set it to the address of this repository']),
  ]
}

export type Bump = 'major' | 'minor' | 'patch'
const bumps: readonly Bump[] = ['patch', 'minor', 'major']

/** The largest bump that changesets name for each package. */
export function bumpsOf(changesets: readonly string[]): ReadonlyMap<string, Bump> {
  const found = new Map<string, Bump>()
  for (const text of changesets) {
    const [, head = ''] = /^---\n([\s\S]*?)\n---/.exec(text) ?? []
    for (const [, name = '', bump] of head.matchAll(/^['"](.+)['"]: (major|minor|patch)$/gm)) {
      const before = found.get(name)
      if (!before || bumps.indexOf(bump as Bump) > bumps.indexOf(before)) found.set(name, bump as Bump)
    }
  }
  return found
}

/** What a release from here would do with a package. */
export function stateOf(
  { name, version }: Pick<Manifest, 'name' | 'version'>,
  bumps: ReadonlyMap<string, Bump>,
  tags: ReadonlySet<string>,
): string {
  const bump = bumps.get(name)
  if (bump) return `waits for \`changeset version\` (${bump})`
  return tags.has(`${name}@${version}`) ? 'published already' : 'would be published'
}
