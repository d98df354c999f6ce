import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { type Choice, type Names, namesOf, Refused } from './choice.ts'
import { manifest } from './manifest.ts'
import { template, templatesIn } from './templates.ts'
import { trimmed } from './trim.ts'

export { type Auth, auths, type Choice, type Facet, facets, Refused } from './choice.ts'

/** Writes the package, and gives the paths of its files below `dir`. Throws `Refused` before anything is written. */
export function create(choice: Choice): readonly string[] {
  const names = namesOf(choice.name)
  const dir = resolve(choice.dir)
  refuseUnlessEmpty(dir)
  const files = filesOf(choice, names, choice.standalone ? dir : workspaceOf(dir))
  for (const [path, text] of files) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), text, { flag: 'wx' })
  }
  return [...files.keys()].sort()
}

function refuseUnlessEmpty(dir: string): void {
  if (!existsSync(dir)) return
  if (!statSync(dir).isDirectory()) throw new Refused(`--dir ${dir} is a file: name a folder that is new or empty.`)
  const there = readdirSync(dir).filter((name) => name !== '.git')
  if (there.length > 0)
    throw new Refused(
      `--dir ${dir} is not empty (${there.slice(0, 3).join(', ')}…): name another folder, or move these away.`,
    )
}

/** The workspace's root, whose tsconfig, tsup and vitest files the package shares. */
function workspaceOf(dir: string): string {
  for (let at = dirname(dir); ; at = dirname(at)) {
    if (shared.every((file) => existsSync(join(at, file)))) return at
    if (at === dirname(at)) break
  }
  throw new Refused(
    `--dir ${dir} is in no workspace like that of @prm: no folder above it has ${shared.join(', ')}. For a package of its own say --standalone.`,
  )
}
const shared = ['tsconfig.base.json', 'tsup.base.ts', 'vitest.shared.ts']

// ── the files ────────────────────────────────────────────────────────────────────────────────
/** The facet that a template is for. */
const needs: { readonly [file: string]: string } = {
  'src/channel.ts': 'channel',
  'test/channel.test.ts': 'channel',
  'src/webhook.ts': 'webhook',
  'src/signature.ts': 'webhook',
  'src/write-back.ts': 'writeBack',
  'simulator/write-back.ts': 'writeBack',
  'simulator/messages.ts': 'channel',
  'simulator/webhooks.ts': 'webhook',
  'simulator/signing.ts': 'webhook',
  'simulator/notices.ts': 'feed',
  ...Object.fromEntries(
    ['feed', 'directory', 'circulation', 'catalogue'].flatMap((facet) =>
      ['src', 'simulator'].map((folder) => [`${folder}/${facet}.ts`, facet]),
    ),
  ),
}

function filesOf(choice: Choice, names: Names, root: string): ReadonlyMap<string, string> {
  const { auth, facets, standalone, dir } = choice
  const api = auth === 'basic' ? 'basic' : 'bearer'
  const signature = auth === 'ed25519' ? 'ed25519' : 'hmac'
  const place = standalone ? 'standalone' : 'workspace'
  const wanted: ReadonlySet<string> = new Set([...facets, api, signature, place])
  const up = relative(resolve(dir), root).split(sep).join('/')
  const files = new Map([['package.json', manifest(choice, names)]])
  for (const folder of ['adapter', api, signature, place]) {
    for (const path of templatesIn(folder)) {
      const need = needs[path]
      if (need && !wanted.has(need)) continue
      const text = trimmed(template(`${folder}/${path}`), wanted)
      // npm takes no file of the name .gitignore along.
      files.set(
        path.replace(/(^|\/)_/, '$1.'),
        worded(standalone ? text.replaceAll("'vitest'", "'node:test'") : text, choice, names, up),
      )
    }
  }
  return files
}

/** The vendor of the templates is Carrier Pigeon, its package `prm-carrier-pigeon`, and the workspace's root four folders up. */
function worded(text: string, { name }: Choice, { kind, camel, pascal, title }: Names, up: string): string {
  return text
    .replaceAll('prm-carrier-pigeon', name)
    .replace("'carrier-pigeon': suite", /-/.test(kind) ? `'${kind}': suite` : `${kind}: suite`)
    .replaceAll('carrier-pigeon', kind)
    .replaceAll('carrierPigeon', camel)
    .replaceAll('CarrierPigeon', pascal)
    .replaceAll('CARRIER_PIGEON', kind.toUpperCase().replaceAll('-', '_'))
    .replaceAll('Carrier Pigeon', title)
    .replaceAll('../../../..', up)
}
