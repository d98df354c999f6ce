import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { budget } from './budget.ts'
import { adapters, type Package, packages, root } from './packages.ts'

const KB = 1024
/**
 * What an adapter shares with its host or with others is not its weight: core, the schema library, the HTTP clients, and
 * libphonenumber-js: its metadata of all numbering plans (`/min` 81 KB, `/max` 153 KB before gzip) is data, and no code of
 * ours makes it grow. So are the opt-outs of six languages (32 KB, word lists mostly), which are the same for every
 * channel of texts, and what takes, reads and sends mail, with `@prm/kit-mail`, and what reads exports, with `@prm/kit-pages`,
 * which have limits of their own. And what reads feeds: four formats with their extensions, and all entities of HTML (63 KB). The rest
 * of the kit is small and counts.
 */
const mail = ['smtp-server', 'mailparser', 'html-to-text', 'htmlparser2', 'nodemailer', 'imapflow']
const shared = [
  '@prm/kit/optout',
  '@prm/kit-mail',
  '@prm/kit-pages',
  'csv-parse',
  'feedsmith',
  '@prm/core',
  'zod',
  'ky',
  'undici',
  'libphonenumber-js',
  ...mail,
]

/** A package as a host would bundle it: what its index exports with all that this needs, minified and gzipped. */
async function weigh({ folder }: Package, external: readonly string[]): Promise<number> {
  const { outputFiles } = await build({
    entryPoints: [join(root, folder, 'dist/index.js')],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    external: external.flatMap((name) => [name, `${name}/*`]),
  })
  return gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).byteLength
}

// In folders it weighs 0.5 KB more than in 36 flat files: the order of modules changed. An entry for adapters, checks of all
// options, limits for the bodies of requests, and names that say what they mean cost 3 KB more.
for (const core of packages.filter(({ name }) => name === '@prm/core'))
  budget('core-gz-bytes', await weigh(core, []), 61 * KB)
/**
 * 23 layouts are data of ours; a whole library system is seven facets, in two generations; a help desk, five and names in three
 * languages; X is paid by the call, and what it told is asked again.
 */
const limits: { readonly [name: string]: number } = {
  '@prm/koha': 19,
  '@prm/libanswers': 14,
  '@prm/notice-files': 16,
  '@prm/bluesky': 13.1, // a stream of two versions beside REST
  '@prm/facebook': 14, // two products, each heard by webhook and by asking, and answered in its own way
  '@prm/x': 13.25, // no minifier shortens the names of the contract's members, and these got longer
}
/** Its weight is axios, which is not ours; what we put around it stays small. */
for (const one of packages.filter(({ name }) => name === '@prm/kit-node'))
  budget('kit-node-gz-bytes', await weigh(one, [...shared, 'axios', 'proxy-from-env']), 4 * KB)
for (const one of packages.filter(({ name }) => name === '@prm/kit-mail'))
  budget(
    'kit-mail-gz-bytes',
    await weigh(
      one,
      shared.filter((name) => name !== one.name),
    ),
    5 * KB,
  )
for (const one of packages.filter(({ name }) => name === '@prm/kit-pages'))
  budget(
    'kit-pages-gz-bytes',
    await weigh(
      one,
      shared.filter((name) => name !== one.name),
    ),
    8 * KB,
  )
const limit = (name: string): number => (limits[name] ?? 12) * KB
for (const adapter of adapters) budget(`${adapter.name}-gz-bytes`, await weigh(adapter, shared), limit(adapter.name))
