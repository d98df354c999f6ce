import { PrmError } from '@prm/core'
import { parseConfig, type Wire } from '@prm/kit'
import * as z from 'zod/mini'

/** What to listen for, in a file that a librarian keeps. */
export interface Pack {
  /** Stands in facts and briefs: letters, digits and dashes. */
  readonly id: string
  /** Each is enough alone: full names, names of services that nobody else has. */
  readonly names: readonly string[]
  /** Others are called so too: they count only with something that supports them. */
  readonly nicknames?: readonly string[] | undefined
  /** What the library offers. `print*` is any word that begins so. */
  readonly services?: readonly string[] | undefined
  /** Towns, campuses, streets: they support a nickname, and a need. */
  readonly places?: readonly string[] | undefined
  /** What people ask for who do not think of the library: it counts together with one of `places`. */
  readonly needs?: readonly string[] | undefined
  /** The circle in which a network that knows places looks for needs. */
  readonly around?: { readonly latitude: number; readonly longitude: number; readonly km: number } | undefined
  /** Sources and queries, as the adapters name them, that are about the library mostly: its page, the forum of its town. */
  readonly sources?: readonly string[] | undefined
  /** The library's own accounts, without @: to name one is enough. */
  readonly accounts?: readonly string[] | undefined
  /** Another of the same name, and what speaks for it. */
  readonly exclude?:
    | {
        /** Whole names of others: "Alder Bay Public Library". */
        readonly names?: readonly string[] | undefined
        readonly words?: readonly string[] | undefined
        readonly places?: readonly string[] | undefined
        /** Without @, or a site: `avondale.example.org`. */
        readonly accounts?: readonly string[] | undefined
      }
    | undefined
  /** Those that its patrons write in: `en`, `es`. */
  readonly languages?: readonly string[] | undefined
}

const filled = z
  .string()
  .check(z.trim(), z.minLength(1, 'a text that is not empty'), z.maxLength(120, 'at most 120 letters'))
const texts = z.array(filled)
const some = z.optional(texts)
const packs: Wire<{ readonly packs: readonly Pack[] }> = z.strictObject({
  packs: z
    .array(
      z.strictObject({
        id: z.string().check(z.regex(/^[\w-]{1,40}$/, 'up to 40 letters, digits and dashes')),
        names: texts.check(z.minLength(1, 'at least one name')),
        nicknames: some,
        services: some,
        places: some,
        needs: some,
        around: z.optional(
          z.strictObject({
            latitude: z
              .number()
              .check(z.minimum(-90, 'degrees from -90 to 90'), z.maximum(90, 'degrees from -90 to 90')),
            longitude: z
              .number()
              .check(z.minimum(-180, 'degrees from -180 to 180'), z.maximum(180, 'degrees from -180 to 180')),
            km: z
              .number()
              .check(z.positive('kilometres, more than 0'), z.maximum(40, 'at most 40 km, as networks allow')),
          }),
        ),
        sources: some,
        accounts: some,
        exclude: z.optional(z.strictObject({ names: some, words: some, places: some, accounts: some })),
        languages: z.optional(z.array(z.string().check(z.regex(/^[a-z]{2,3}(-[A-Za-z]+)*$/, 'a language such as en')))),
      }),
    )
    .check(
      z.minLength(1, 'at least one pack'),
      z.refine((all) => new Set(all.map(({ id }) => id)).size === all.length, 'an id of its own for each pack'),
    ),
})

/**
 * The packs of a JSON file, `{ "packs": [ … ] }`, its text or what was parsed of it. Throws `config` naming the file, the
 * field and what was expected; of broken JSON, the line.
 */
export function readPacks(json: unknown, file = 'packs'): readonly Pack[] {
  let value = json
  if (typeof json === 'string')
    try {
      value = JSON.parse(json)
    } catch (cause) {
      throw new PrmError(
        'config',
        `${file}: ${lineOf(json, cause)}it is no JSON: a comma or a quotation mark, mostly.`,
        { cause },
      )
    }
  return parseConfig(packs, value, file).packs
}

function lineOf(json: string, error: unknown): string {
  const at = Number(/position (\d+)/.exec(String(error))?.[1])
  return Number.isNaN(at) ? '' : `line ${json.slice(0, at).split('\n').length}: `
}
