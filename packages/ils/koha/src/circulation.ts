import { setTimeout } from 'node:timers/promises'
import type { Address, Circulation, Context, Known, Refusal } from '@prm/core/adapter'
import { PrmError } from '@prm/core/adapter'
import { type Api, isBroken, saidBy } from './api.ts'
import type { Options } from './config.ts'
import { idOf } from './directory.ts'
import { dueOf, flagOf, idIn, known, moneyOf, type Row, rowOf, rowsOf, textOf, unavailable, wireRow } from './values.ts'

type Loans = Required<Pick<Circulation, 'loans' | 'renew' | 'charges'>>

export function loansOf(api: Api): Loans {
  return {
    async *loans(patron, ctx) {
      const id = await idOf(api, patron, ctx)
      const query = { patron_id: id, _match: 'exact' }
      const list = { path: '/checkouts', query, id: 'checkout_id', embed: 'item.biblio' }
      for await (const loan of api.each(list, ctx)) {
        // Koha's `contains` would give those of patron 11001 to patron 1001.
        if (idIn(loan, 'patron_id') !== id) continue
        yield {
          id: idIn(loan, 'checkout_id'),
          item: idIn(loan, 'item_id'),
          title: titleOf(rowOf(rowOf(loan, 'item'), 'biblio')),
          due: dueIn(loan, api.options),
          renewable: unavailable('Koha says it of one loan at a time: `renew` asks first.'),
        }
      }
    },
    async charges(patron, ctx) {
      const { currency } = api.options
      const path = `/patrons/${await idOf(api, patron, ctx)}/account`
      const { value } = await api.ask({ path }, ctx, wireRow('balance'))
      const lines = rowsOf(rowOf(value, 'outstanding_debits'), 'lines').map((line) => ({
        id: idIn(line, 'account_line_id'),
        kind: textOf(line, 'debit_type', 'account_type') ?? 'unknown', // `account_type` in 19.11 and before
        owed: moneyOf(line.amount_outstanding, currency),
        // The nearest to a title that Koha has: for an overdue fine it is the title with the day it was due.
        title: known(line, 'description'),
      }))
      return { owed: moneyOf(value.balance, currency), lines }
    },
    renew: (patron, loan, ctx) => renew(api, patron, loan, ctx),
  }
}

export const titleOf = (biblio: Row | undefined): Known<string> =>
  biblio ? known(biblio, 'title') : unavailable('This Koha tells no titles with loans and holds.')

export const dueIn = (loan: Row, { timeZone }: Options): string => dueOf(textOf(loan, 'due_date') ?? '', timeZone)

// ── renew ────────────────────────────────────────────────────────────────────────────────────
async function renew(api: Api, patron: Address, id: string, ctx: Context): ReturnType<Loans['renew']> {
  const owner = await idOf(api, patron, ctx)
  const before = await ownLoan(api, owner, id, ctx)
  const { value: asked } = await api.ask({ path: `/checkouts/${id}/allows_renewal` }, ctx, wireRow())
  if (!flagOf(asked, 'allows_renewal')) return refusalOf(textOf(asked, 'error') ?? '')
  const done = (loan: Row) => ({ ok: true, due: dueIn(loan, api.options) }) as const
  return settled(
    async () =>
      done((await api.ask({ method: 'POST', path: `/checkouts/${id}/renewal` }, ctx, wireRow('due_date'))).value),
    async () => {
      const after = await ownLoan(api, owner, id, ctx)
      const moved = after.due_date !== before.due_date || renewalsOf(after) > renewalsOf(before)
      return moved ? done(after) : undefined
    },
    ctx,
  )
}

/** `renewals` in 19.11 and before; today that is another thing. */
const renewalsOf = (loan: Row): number => Number(textOf(loan, 'renewals_count', 'renewals') ?? 0)

/** A loan of theirs that is still out: newer releases show returned ones by the same path. */
async function ownLoan(api: Api, patron: string, id: string, ctx: Context): Promise<Row> {
  const none = new PrmError('not_found', 'The patron has no such loan.')
  if (!/^\d+$/.test(id)) throw none
  const { value } = await api.ask({ path: `/checkouts/${id}` }, ctx, wireRow('due_date'))
  if (idIn(value, 'patron_id') !== patron || textOf(value, 'checkin_date')) throw none
  return value
}

// ── writes and refusals ──────────────────────────────────────────────────────────────────────
/**
 * A write, and what became of it where it was not simply taken. A business refusal is a result. Of what is not known the
 * answer is in Koha: `look` reads it back, and gives nothing where nothing changed. A request that Koha itself ended with 5xx
 * is over by then, and may be tried again later; one that was lost on the way may still be at work, and stays unknown.
 */
export async function settled<T>(
  write: () => Promise<T | Refusal>,
  look: () => Promise<T | undefined>,
  ctx: Context,
): Promise<T | Refusal> {
  try {
    return await write()
  } catch (error) {
    if (!PrmError.is(error)) throw error
    const { reason, permission } = saidBy(error)
    const refused = (error.code === 'forbidden' && permission === undefined) || error.code === 'conflict'
    if (refused && reason) return refusalOf(reason)
    // 400 "Found hold cannot be suspended. Status=W" (Koha::Exceptions::Hold::CannotSuspendFound)
    if (reason && /cannot be suspended/i.test(reason)) return { ok: false, reason: 'not-allowed', text: reason }
    if (error.code !== 'unknown') throw error
    const found = await within(isBroken(error) ? [0] : lateMs, look, ctx).catch(() => {
      throw new PrmError('unknown', 'Koha may have taken it, and could not be asked whether it did.', { cause: error })
    })
    if (found !== undefined) return found
    if (isBroken(error)) throw new PrmError('unavailable', 'Koha broke off and did not do it.', { cause: error })
    throw error
  }
}

/** How long what a proxy gave up on is waited for: it may still land. */
const lateMs = [0, 500, 1_500]

async function within<T>(
  waits: readonly number[],
  look: () => Promise<T>,
  { signal }: Context,
): Promise<T | undefined> {
  for (const ms of waits) {
    await setTimeout(ms, undefined, { signal })
    const found = await look()
    if (found !== undefined) return found
  }
  return undefined
}

/** `Renewal not authorized (too_many)`, `Hold cannot be placed. Reason: tooManyReserves`, or the code itself. */
export function refusalOf(said: string): Refusal {
  const code = /\(([\w-]+)\)\s*$/.exec(said)?.[1] ?? /Reason:\s*(\w+)/.exec(said)?.[1] ?? said
  const word = code.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  const why = Object.entries(refusals).find(([, codes]) => codes?.split(' ').includes(word))?.[0]
  return { ok: false, reason: (why as Refusal['reason'] | undefined) ?? 'other', text: code }
}

/** C4::Circulation CanBookBeRenewed; Koha::Patron can_place_holds; C4::Reserves CanBookBeReserved, in their older spelling too. */
const refusals: { readonly [why in Refusal['reason']]?: string } = {
  'on-hold': 'on_reserve recalled',
  'too-many': 'too_many too_unseen too_many_reserves too_many_reserves_today too_many_holds_for_this_record hold_limit',
  'too-soon': 'too_soon',
  automatic: 'auto_renew auto_too_soon auto_too_late auto_unseen',
  restricted: 'restriction restricted',
  overdue: 'overdue',
  debt: 'too_much_owing auto_too_much_owing debt_limit',
  'card-expired': 'expired auto_account_expired',
  'card-lost': 'card_lost',
  duplicate: 'item_already_on_hold already_possession',
  'not-allowed':
    'item_denied_renewal onsite_checkout item_issued_to_other_patron bad_address age_restricted damaged not_reservable no_reserves_allowed cannot_reserve_from_other_branches cannot_be_transferred pickup_not_in_hold_group library_not_pickup_location',
}
