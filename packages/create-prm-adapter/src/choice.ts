import valid from 'validate-npm-package-name'
import { template } from './templates.ts'

export const facets = ['channel', 'webhook', 'feed', 'writeBack', 'directory', 'circulation', 'catalogue'] as const
export type Facet = (typeof facets)[number]

/** `basic` and `bearer` say how the API is called; `hmac` and `ed25519` how webhooks are signed. The other is bearer, or hmac. */
export const auths = ['basic', 'bearer', 'hmac', 'ed25519'] as const
export type Auth = (typeof auths)[number]

/** What is to be made. */
export interface Choice {
  /** Of the npm package: `prm-heron`, `@heron/prm`. */
  readonly name: string
  readonly facets: readonly Facet[]
  readonly auth: Auth
  /** The package's own folder: new, or empty. */
  readonly dir: string
  /** A package of its own, and not one of a workspace such as that of @prm. */
  readonly standalone: boolean
  /** A folder of tarballs of @prm, to be installed in place of what is published. */
  readonly from?: string | undefined
}

/** What was typed is wrong: the message says what, what there is, and what to do. */
export class Refused extends Error {}

/** The adapter's own name in four spellings. */
export interface Names {
  /** `heron-sms`: `kind` of the adapter, its headers and test host. */
  readonly kind: string
  /** `heronSms`: the factory. */
  readonly camel: string
  /** `HeronSms`: the types. */
  readonly pascal: string
  /** `Heron Sms`: in sentences. */
  readonly title: string
}

/** Words of the files that name the factory, comments and texts apart: a second meaning would not compile there. */
const files = [
  'src/index.ts',
  'src/config.ts',
  'simulator/index.ts',
  'test/suite.ts',
  'test/config.test.ts',
  'test/channel.test.ts',
]
const words: ReadonlySet<string> = new Set(
  files.flatMap((file) => {
    const code = template(`adapter/${file}`).replace(/\/\*[\s\S]*?\*\/|\/\/.*|'[^'\n]*'/g, '')
    return code.toLowerCase().match(/[\w$]+/g) ?? []
  }),
)

function reserved(word: string): boolean {
  try {
    new Function(`'use strict'; let ${word}`)
    return words.has(word.toLowerCase())
  } catch {
    return true
  }
}

/** Throws `Refused` for a name that npm would not take, or that gives no name for the factory. */
export function namesOf(name: string): Names {
  const { validForNewPackages, errors = [], warnings = [] } = valid(name)
  if (!validForNewPackages)
    throw new Refused(
      `NAME ${name} is no name for a package: ${[...errors, ...warnings].join('; ')}. Try prm-${plain(name)}.`,
    )
  const [, scope = '', last = ''] = /^(?:@([^/]+)\/)?(.+)$/.exec(name) ?? []
  const bare = last.replace(/^(prm-adapter|prm)-|-(prm-adapter|prm)$|^(prm-adapter|prm)$/g, '')
  const kind = (bare || scope)
    .toLowerCase()
    .replace(/[^a-z\d]+/g, '-')
    .replace(/^-|-$/g, '')
  if (!/^[a-z][a-z\d]*(-[a-z\d]+)*$/.test(kind))
    throw new Refused(
      `NAME ${name} gives no name for the factory: begin it with a letter, such as prm-sms-${kind || 'heron'}.`,
    )
  const words = kind.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1))
  const pascal = words.join('')
  const camel = pascal.charAt(0).toLowerCase() + pascal.slice(1)
  if (reserved(camel))
    throw new Refused(
      `NAME ${name} would call the factory \`${camel}\`, which means something else. Try prm-${kind}-vendor.`,
    )
  return { kind, camel, pascal, title: words.join(' ').replace(/\b(Sms|Mms|Ils|Api)\b/g, (word) => word.toUpperCase()) }
}

const plain = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z\d]+/g, '-')
    .replace(/^-|-$/g, '') || 'heron'

/** `channel,webhook` as facets, in their own order. */
export function facetsOf(text: string): readonly Facet[] {
  const said = text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean)
  const unknown = said.filter((word) => !facets.some((facet) => facet === word))
  if (unknown.length > 0 || said.length === 0)
    throw new Refused(
      `--facets ${unknown.join(', ') || 'is empty'}: there are ${facets.join(', ')}, with commas between them.`,
    )
  return facets.filter((facet) => said.includes(facet))
}

export function authOf(text: string): Auth {
  const auth = auths.find((one) => one === text)
  if (!auth) throw new Refused(`--auth ${text}: there are ${auths.join(', ')}.`)
  return auth
}
