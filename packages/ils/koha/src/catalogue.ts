import type { Bib, Catalogue, Context } from '@prm/core/adapter'
import { PrmError } from '@prm/core/adapter'
import { type Api, type List, unlessMissing } from './api.ts'
import { dayAt, idIn, type Row, textOf } from './values.ts'

type Copy = Awaited<ReturnType<Required<Catalogue>['availability']>>[number]

/** By the staff's endpoints, permission `catalogue`: what the OPAC hides, they tell too. */
export function catalogue(api: Api): Required<Catalogue> {
  return {
    async byIsbn(isbn13, ctx) {
      const [isbn] = isbnsIn(isbn13)
      if (!isbn) throw new PrmError('invalid', 'An ISBN has 13 digits, or 10.', { field: 'isbn13' })
      // Both forms have these nine digits, with hyphens or without; what comes back is read as ISBNs, and compared.
      const like = `%${[...isbn.slice(3, 12)].join('%')}%`
      const found: Bib[] = []
      for await (const bib of bibs(api, { isbn: { '-like': like } }, ctx)) if (bib.isbns.includes(isbn)) found.push(bib)
      return found
    },
    async availability(bib, ctx) {
      await demand(api, ctx)
      const none = () => {
        throw new PrmError('not_found', 'Koha has no such record, or this release tells no items.')
      }
      if (!/^\d+$/.test(bib)) return none()
      const shelved = new Map<string, string>()
      const query = { biblio_id: bib, _match: 'exact' }
      for await (const hold of api.each({ path: '/holds', query, id: 'hold_id' }, ctx)) {
        const item = textOf(hold, 'item_id')
        if (item && textOf(hold, 'status')) shelved.set(item, textOf(hold, 'status') === 'W' ? 'on-hold' : 'in-transit')
      }
      const copies: Copy[] = []
      const read = async () => {
        for await (const item of api.each({ path: `/biblios/${bib}/items`, id: 'item_id' }, ctx))
          copies.push(copyOf(item, shelved.get(idIn(item, 'item_id'))))
        return copies
      }
      return unlessMissing(read(), none)
    },
    async *added(since, ctx) {
      const day = dayAt(new Date(since), api.options.timeZone)
      yield* bibs(api, { creation_date: { '>=': day } }, ctx)
    },
  }
}

async function* bibs(api: Api, q: object, ctx: Context): AsyncGenerator<Bib> {
  await demand(api, ctx)
  const list: List = { path: '/biblios', q, id: 'biblio_id' }
  try {
    for await (const row of api.each(list, ctx)) yield bibOf(row)
  } catch (error) {
    throw PrmError.is(error) && error.code === 'not_found' ? lacking() : error
  }
}

/** Probed, as everything that differs by release. */
async function demand(api: Api, ctx: Context): Promise<void> {
  if (!(await api.modern(ctx))) throw lacking()
}
const lacking = (): PrmError =>
  new PrmError('unsupported', 'This release of Koha tells no records and items by its API; newer ones do.')

function bibOf(row: Row): Bib {
  const author = textOf(row, 'author')
  return {
    id: idIn(row, 'biblio_id'),
    title: [textOf(row, 'title'), textOf(row, 'subtitle')].filter(Boolean).join(' '),
    ...(author && { author }),
    isbns: isbnsIn(textOf(row, 'isbn') ?? ''),
  }
}

/** Koha::Schema::Result::Item, in the API's names; `checked_out_date` is the day it is due (items.onloan). */
function copyOf(item: Row, held: string | undefined): Copy {
  const due = textOf(item, 'checked_out_date')?.slice(0, 10)
  const callNumber = textOf(item, 'callnumber')
  const set = (...fields: readonly string[]) => !['', '0'].includes(idIn(item, fields.find((one) => one in item) ?? ''))
  const state =
    (set('withdrawn') && 'withdrawn') ||
    (set('lost_status') && 'lost') ||
    (due && 'on-loan') ||
    (set('effective_not_for_loan_status', 'not_for_loan_status') && 'not-for-loan') ||
    (set('damaged_status') && 'damaged') ||
    held
  return {
    branch: idIn(item, 'holding_library_id') || idIn(item, 'home_library_id'),
    state: state || 'available',
    ...(callNumber && { callNumber }),
    ...(due && { due }),
  }
}

/** `9781861972712 | 1861972717 (pbk.)` and `978-3-16-148410-0`, as ISBN-13, each once; what is none is left out. */
function isbnsIn(text: string): readonly string[] {
  const written = text.match(/\b(97[89][- ]?)?(\d[- ]?){9}[\dXx]\b/g) ?? []
  return [
    ...new Set(written.map((one) => one.replace(/[- ]/g, '')).map((one) => (one.length === 13 ? one : to13(one)))),
  ]
}

function to13(isbn10: string): string {
  const digits = `978${isbn10.slice(0, 9)}`
  const sum = [...digits].reduce((total, digit, at) => total + Number(digit) * (at % 2 ? 3 : 1), 0)
  return `${digits}${(10 - (sum % 10)) % 10}`
}
