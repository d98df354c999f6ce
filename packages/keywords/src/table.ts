import { PrmError } from '@prm/core'
import { asWords, locales, readOptOut, unaccented } from '@prm/kit/optout'
import { type Follows, follow, type Purposes } from './follow.ts'
import { isYes } from './yes.ts'

/** One keyword of a library, as its poster prints it. */
export interface Row {
  /** What `read` answers, in lower case: `RENEW`. */
  readonly word: string
  /** Other ways to say it, in other languages too. */
  readonly also?: readonly string[]
  /**
   * What may follow it. `items`: numbers, or all ("RENEW 2"). `purpose`: any one word ("JOIN TEENS"). Purposes with the names
   * that patrons know them by: those, and STOP of them.
   */
  readonly takes?: Follows
  /** It tells or changes what is a patron's own: only for a number that the ILS knows as theirs. */
  readonly account?: boolean
}

/** Made by `table`, for `read`. */
export interface Table {
  /** By each name, as `key` writes it. */
  readonly names: ReadonlyMap<string, Named>
  /** What patrons call the purposes that they may join, leave and stop. */
  readonly purposes: Purposes
  /** These are all: a STOP of another kind is one of everything. */
  readonly complete: boolean
  /** The words that are only for a number which the ILS knows as the patron's. */
  readonly account: ReadonlySet<string>
}

/** One name of a row. */
export interface Named {
  readonly word: string
  /** As said, unaccented: `my holds`. */
  readonly name: string
  readonly takes?: Follows
}

/**
 * The library's keywords, ready to read with. `purposes` are all that the library writes for, with what patrons call them:
 * then a STOP of none of them is one of everything. Without it the kinds are those of `@prm/kit`: `overdue`, `pickup`, `due`,
 * `fines`, `events`, `news`, `newsletter`, `surveys`, `promotional`.
 * Throws `config` naming the row whose name is empty, reserved (it would be read as STOP, START, HELP or YES in some
 * language), or could be read as another row's.
 */
export function table(rows: readonly Row[], options: { readonly purposes?: Purposes } = {}): Table {
  const purposes = purposesOf([
    options.purposes ?? {},
    ...rows.map(({ takes }) => (typeof takes === 'object' ? takes : {})),
  ])
  const names = new Map<string, Named & { readonly row: number }>()
  rows.forEach(({ word, also = [], takes }, row) => {
    for (const said of [word, ...also]) {
      const [name, id] = [unaccented(asWords(said)), key(said)]
      const other = names.get(id)
      if (id === '') throw wrong(row, 'has a name without letters.')
      if (other && other.row !== row) throw wrong(row, `"${said}" is also in row ${other.row}.`)
      for (const whole of [said, ...examples(takes).map((rest) => `${said} ${rest}`)])
        if (isReserved(whole)) throw wrong(row, `"${whole}" is reserved: it is read before any table.`)
      names.set(id, { word: word.toLowerCase(), name, ...(takes && { takes }), row })
    }
  })
  for (const one of names.values()) {
    for (const other of names.values()) {
      if (one.row === other.row) continue
      const rest = other.name.startsWith(one.name) ? other.name.slice(one.name.length).trim() : ''
      if (rest !== '' && one.takes && follow(one.takes, rest))
        throw wrong(other.row, `"${other.name}" is also "${one.name}" of row ${one.row} with what may follow it.`)
    }
  }
  const complete = options.purposes !== undefined
  return {
    names,
    purposes,
    complete,
    account: new Set(rows.filter((row) => row.account).map(({ word }) => word.toLowerCase())),
  }
}

/** Names are the same however they are spaced and accented: "My holds", "MYHOLDS". */
export function key(text: string): string {
  return unaccented(asWords(text)).replaceAll(' ', '')
}

function purposesOf(all: readonly Purposes[]): Purposes {
  const owners = new Map<string, string>()
  const purposes: { [purpose: string]: readonly string[] } = {}
  for (const [purpose, called] of all.flatMap((one) => Object.entries(one))) {
    for (const name of [purpose, ...called]) {
      const owner = owners.get(key(name))
      const stop = readOptOut(`stop ${name}`)
      if (key(name) === '') throw misnamed(purpose, 'has a name without letters.')
      if (owner !== undefined && owner !== purpose) throw misnamed(purpose, `is called "${name}", as ${owner} is.`)
      // Else "STOP ALL" would be of this one only.
      if (stop && stop.scope === undefined)
        throw misnamed(purpose, `is called "${name}", and STOP of that is everything.`)
      owners.set(key(name), purpose)
    }
    purposes[purpose] = [...new Set([...(purposes[purpose] ?? []), ...called])]
  }
  return purposes
}

function examples(takes: Follows | undefined): readonly string[] {
  if (typeof takes === 'object') return Object.entries(takes).flatMap(([purpose, called]) => [purpose, ...called])
  return takes === 'items' ? ['2', 'all'] : []
}

function isReserved(text: string): boolean {
  return isYes(text) || ['', ...locales].some((locale) => readOptOut(text, { locale }))
}

function misnamed(purpose: string, what: string): PrmError {
  return new PrmError('config', `table: purpose ${purpose} ${what}`, { field: `purposes.${purpose}` })
}

function wrong(row: number, what: string): PrmError {
  return new PrmError('config', `table: row ${row}: ${what}`, { field: `rows[${row}]` })
}
