// The tables of the README: each package with what its manifest says of it, and what each adapter offers, from its own shape.
import { join } from 'node:path'
import type { AnySimulator, Suite } from '@prm/conformance'
import type { Adapter } from '@prm/core'
import { adapters, type Package, root } from '../check/packages.ts'
import { kinds } from '../docs/kinds.ts'
import type { Registered } from './registry.ts'

/** The published packages, a table for each kind. `linked` says from where: the README or the page of packages. */
export function packageTables(prefix: string): string {
  return kinds
    .map(({ kind, packages }) => {
      const rows = packages.map(({ name, readme, manifest }) => [
        linked(name, prefix + readme),
        manifest.description.replace(/\.$/, ''),
      ])
      return `### ${kind}\n\n${tableOf(['package', 'what it is'], rows)}`
    })
    .join('\n')
}

/** One row a kind: enough for the README. */
export function kindTable(): string {
  const rows = kinds.map(({ kind, packages }) => [
    kind,
    packages.map(({ name, readme }) => linked(name.replace('@prm/', ''), readme)).join(', '),
  ])
  return tableOf(['kind', 'packages'], rows)
}

const facets = [
  'channel',
  'webhook',
  'feed',
  'writeBack',
  'directory',
  'circulation',
  'catalogue',
  'knowledge',
  'metrics',
  'check',
] as const

/** A facet that is offered, with those of its parts that not every one has. */
export async function matrix(others: readonly Registered[], prefix: string): Promise<string> {
  const rows: (readonly string[])[] = []
  for (const one of adapters) {
    const shape = await shapeOf(one)
    const simulator = one.manifest.exports?.['./simulator'] ? '✓' : ''
    rows.push([
      linked(one.name, `${prefix}${one.folder}/README.md`),
      ...facets.map((facet) => cellOf(shape, facet)),
      simulator,
    ])
  }
  for (const { package: name, repository, facets: own } of others)
    rows.push([linked(name, repository), ...facets.map((facet) => (own.includes(facet) ? '✓' : '')), ''])
  return tableOf(['adapter', ...facets, 'simulator'], rows)
}

/** What every one of a kind has is not worth a word. */
const needed: ReadonlySet<string> = new Set(
  'channel.measure channel.send webhook.receive feed.pull writeBack.report directory.find circulation.loans circulation.holds catalogue.byIsbn'.split(
    ' ',
  ),
)

function cellOf(shape: Adapter, facet: (typeof facets)[number]): string {
  const part = shape[facet]
  if (!part) return ''
  const members = typeof part === 'function' ? [] : Object.entries(part)
  const may = members.flatMap(([name, member]) =>
    typeof member === 'function' && !needed.has(`${facet}.${name}`) ? name : [],
  )
  const [word = '✓'] = facet === 'channel' && shape.channel ? [shape.channel.medium] : []
  return may.length > 0 ? `${word} (${may.join(', ')})` : word
}

async function shapeOf({ name, folder }: Package): Promise<Adapter> {
  const { suites, offers } = (await import(join(root, folder, 'test/suite.ts'))) as {
    suites: { readonly [name: string]: Suite<AnySimulator> }
    /** Where one suite has not all that some set-ups have. */
    offers?: () => Adapter
  }
  if (offers) return offers()
  // Of several releases of a system the newest is the last.
  const suite = Object.values(suites).at(-1)
  if (!suite) throw new Error(`${name} has no suite in test/suite.ts`)
  try {
    return suite.make(undefined)
  } catch (error) {
    if (!suite.simulate) throw error
    return suite.make(await suite.simulate())
  }
}

const linked = (name: string, to: string): string => `[${name}](${to})`
export const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('')
