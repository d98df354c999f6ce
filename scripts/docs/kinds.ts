// The published packages by kind, each with the name of its page: what the package tables and the site's menu are made of.
import { join } from 'node:path'
import { pageOf } from '../../docs/.vitepress/links.ts'
import { type Package, published } from '../check/packages.ts'

export interface Kind {
  readonly kind: string
  readonly packages: readonly (Package & { readonly page: string; readonly readme: string })[]
}

/** A kind's title, and the folders (ending in a slash) or packages that belong to it. */
const titles: readonly (readonly [string, readonly string[]])[] = [
  ['Engine', ['packages/core']],
  ['Stores', ['packages/stores/']],
  ['Library systems', ['packages/ils/']],
  ['Channels', ['packages/channels/']],
  ['Platforms', ['packages/platforms/']],
  ['Social media', ['packages/social/']],
  ['Web statistics', ['packages/analytics/']],
  [
    'Applications',
    [
      'packages/cli',
      'packages/inbox',
      'packages/outreach',
      'packages/listening',
      'packages/keywords',
      'packages/insights',
    ],
  ],
  [
    'For adapter authors',
    [
      'packages/kit',
      'packages/kit-mail',
      'packages/kit-node',
      'packages/kit-pages',
      'packages/conformance',
      'packages/create-prm-adapter',
    ],
  ],
]

const isIn = ({ folder }: Package, places: readonly string[]): boolean =>
  places.some((place) => (place.endsWith('/') ? folder.startsWith(place) : folder === place))

export const kinds: readonly Kind[] = titles.map(([kind, places]) => ({
  kind,
  packages: published
    .filter((one) => isIn(one, places))
    .map((one) => ({ ...one, readme: join(one.folder, 'README.md'), page: pageOf(join(one.folder, 'README.md')) })),
}))

const placed = new Set(kinds.flatMap(({ packages }) => packages.map(({ name }) => name)))
const missing = published.filter(({ name }) => !placed.has(name)).map(({ name }) => name)
if (missing.length > 0) throw new Error(`No kind has ${missing.join(', ')}: add it to scripts/docs/kinds.ts.`)
