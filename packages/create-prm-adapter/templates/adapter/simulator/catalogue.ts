import { ok, type Route, refused } from './account.ts'

const records = [{ id: 7, title: 'The Tall Ship', author: 'Ida Mast', isbns: ['978-0-306-40615-7'] }]

/** `GET /records` by ISBN, `GET /records/ID/items`. */
export const catalogue: Route = (_, { method, url }) => {
  if (method !== 'GET') return undefined
  if (url.pathname === '/records') {
    const isbn = url.searchParams.get('isbn') ?? ''
    return ok({ records: records.filter(({ isbns }) => isbns.some((one) => one.replaceAll('-', '') === isbn)) })
  }
  const [, id] = /^\/records\/([^/]+)\/items$/.exec(url.pathname) ?? []
  if (id === undefined) return undefined
  if (!records.some((one) => String(one.id) === id)) return refused(404, 'no_such_record')
  return ok({ items: [{ branch: 'ELM', state: 'on loan', call_number: 'SHIP 7', due: '2026-12-09' }] })
}
