import { spoiled } from '@prm/kit/simulator'
import { type Loan, ok, type Route, refused } from './account.ts'

export const newLoans = (): Map<string, Loan> =>
  new Map([
    ['41', { card: '29001', item: '3901', title: 'The Tall Ship', due: '2026-12-01', left: 1 }],
    ['42', { card: '29001', item: '3902', title: 'Ropes', due: '2026-12-01', left: 0 }],
    ['43', { card: '29002', item: '3903', title: 'Knots', due: '2026-12-01', left: 1 }],
  ])
const holds = [{ id: 17, card: '29001', state: 'on_shelf', title: 'Sails', pickup: 'ELM', collect_by: '2026-11-24' }]

/** `GET /patrons/CARD/loans` and `…/holds`, `POST /loans/ID/renewal`. */
export const circulation: Route = ({ loans }, { method, url }, fault) => {
  const [, card, what] = /^\/patrons\/([^/]+)\/(loans|holds)$/.exec(url.pathname) ?? []
  if (method === 'GET' && card !== undefined) {
    if (!/^2900[123]$/.test(card)) return refused(404, 'no_such_patron')
    if (what === 'holds') return ok({ holds: holds.filter((one) => one.card === card) })
    const own = [...loans].filter(([, loan]) => loan.card === card)
    return ok({ loans: own.map(([id, { item, title, due }]) => ({ id, item, title, due })) })
  }
  const [, id] = /^\/loans\/([^/]+)\/renewal$/.exec(url.pathname) ?? []
  if (method !== 'POST' || id === undefined) return undefined
  const loan = loans.get(id)
  if (!loan) return refused(404, 'no_such_loan')
  if (loan.left === 0) return refused(409, 'too_many')
  const due = '2026-12-22'
  loans.set(id, { ...loan, due, left: loan.left - 1 })
  return spoiled(fault, ok({ due }))
}
