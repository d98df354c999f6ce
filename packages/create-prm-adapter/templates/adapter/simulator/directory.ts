import { ok, type Route } from './account.ts'

const patrons = [
  { id: 1, card: '29001', name: 'Ada Pine', phones: ['+12125550134'], emails: ['ada@mail.example'], language: 'en' },
  { id: 2, card: '29002', name: 'Leo Pine', phones: ['+12125550135'], emails: [], branch: 'ELM' },
  { id: 3, card: '29003', name: 'Ida Pine', phones: ['+12125550135'], expires: '2027-06-30' },
]

/** `GET /patrons` by phone, email, card or id. */
export const directory: Route = (_, { method, url }) => {
  if (method !== 'GET' || url.pathname !== '/patrons') return undefined
  const asked = (name: string) => url.searchParams.get(name) ?? ''
  const found = patrons.filter(
    ({ id, card, phones, emails = [] }) =>
      phones.includes(asked('phone')) ||
      emails.includes(asked('email')) ||
      card === asked('card') ||
      String(id) === asked('id'),
  )
  return ok({ patrons: found, more: false })
}
