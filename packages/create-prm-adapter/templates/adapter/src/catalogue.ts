import type { Bib, Catalogue } from '@prm/core/adapter'
import type { Client } from '@prm/kit'
import { type CarrierPigeonRecord, wireItems, wireRecords } from './api.ts'

export function catalogue(api: Client): Catalogue & Required<Pick<Catalogue, 'availability'>> {
  return {
    async byIsbn(isbn, ctx) {
      const query = { isbn }
      const { records } = await api.call({ method: 'GET', path: '/records', query }, wireRecords, ctx)
      // Compared once more: an API that does not know a filter may give all there is.
      return records.map(bibOf).filter(({ isbns }) => isbns.includes(isbn))
    },
    async availability(bib, ctx) {
      const path = `/records/${encodeURIComponent(bib)}/items`
      const { items } = await api.call({ method: 'GET', path }, wireItems, ctx)
      return items.map(({ branch, state, call_number: callNumber, due }) => ({
        branch,
        state,
        ...(callNumber && { callNumber }),
        ...(due && { due }),
      }))
    },
  }
}

/** ISBNs are told with 13 digits. */
function bibOf({ id, title, author, isbns }: CarrierPigeonRecord): Bib {
  const plain = (isbns ?? []).map((isbn) => isbn.replace(/\D/g, '')).filter((isbn) => isbn.length === 13)
  return { id, title, ...(author && { author }), isbns: plain }
}
