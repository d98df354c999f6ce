import { PrmError } from '@prm/core'
import type { Host } from './host.ts'
import { columns } from './row.ts'
import type { Order, Row } from './types.ts'
import type { Writer } from './words.ts'

/** What an order names, held against the columns that its list has. */
export interface Columns {
  /** Throws `invalid` for a column that is not there, or is there by another name, once all columns are known. */
  row(row: Row): void
  /** The same, of a list whose rows differ in their columns. */
  end(): void
  /** Those that neither this library knows nor the order names. */
  unread(): readonly string[]
}

/** Read as variables, these would let somebody be written to whom the column was to keep out. */
const near = [
  ['birthdate', /^(patron|child)?(dob|bday|bdate|born(on)?|(dateof|date)?birth(day|date|dt)?)$/],
  [
    'expires',
    /^((patron|library|membership)?(card)?(dateof|date)?(expiry|expir(es|ed?|ation|ing)|exp)(date|dt|day|on|at)?|(card)?(valid|good)(until|till|to|through|thru))$/,
  ],
  [
    'consent',
    /^(sms|texts?|texting|e?mails?|phone|marketing|news|newsletter)?(opt(ed|s)?in|consent(ed|s|given)?|permission|agree(d|s|ment)?|subscribed?)(date|status)?$/,
  ],
  [
    'consent',
    /^(sms|texts?|texting|e?mails?|phone|marketing|news|newsletter)?(opt(ed|s)?out|unsubscribed?|donot(contact|text|call|e?mail)|dnc|no(contact|texts?|sms|e?mails?)|stop(ped)?)(date|status)?$/,
    ', with no where it says yes',
  ],
] as const

export function columnsOf({ prm }: Host, { audience, filters = [], via }: Order, words: Writer): Columns {
  const seen = new Set<string>()
  let whole = false
  const refusal = (what: string, field: string): PrmError => {
    const some = [...seen].slice(0, 20)
    return new PrmError('invalid', `${what}; it has ${some.join(', ')}${seen.size > some.length ? ', …' : ''}.`, {
      field,
    })
  }
  function check(): void {
    for (const [column, like, but = ''] of near) {
      const found = seen.has(column) ? undefined : [...seen].find((name) => like.test(name.replaceAll('_', '')))
      if (found === undefined) continue
      const what = `The list has no column "${column}", but one "${found}", which would be a mere variable`
      throw refusal(`${what}: rename it "${column}"${but}, or something else if it means something else`, found)
    }
    for (const [index, filter] of filters.entries()) {
      const name = 'age' in filter ? 'birthdate' : filter.field
      if (!seen.has(name))
        throw refusal(`A filter asks for a column "${name}", which the list has not`, `filters[${index}]`)
    }
    const media = new Set(via.map((id) => prm.adapters[id]?.channel?.medium))
    for (const name of words.needs(media))
      if (!seen.has(name)) throw refusal(`A template names "${name}", and the list has no such column`, 'templates')
  }
  return {
    row({ fields }) {
      if (whole) return
      for (const name in fields) seen.add(name)
      whole = audience.sameColumns === true
      if (whole) check()
    },
    end() {
      // Of whom nobody could be read nothing is known.
      if (!whole && seen.size > 0) check()
    },
    unread() {
      const read = new Set<string>([...columns, 'verified', ...words.names])
      for (const filter of filters) if ('field' in filter) read.add(filter.field)
      return [...seen].filter((name) => !read.has(name))
    },
  }
}
