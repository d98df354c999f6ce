import {
  type Address,
  type Circulation,
  type Context,
  type Hold,
  type Known,
  PrmError,
  type Refusal,
} from '@prm/core/adapter'
import type { Client } from '@prm/kit'
import { type CarrierPigeonLoan, wireHolds, wireLoans, wireRenewal } from './api.ts'

export function circulation(api: Client): Circulation & Required<Pick<Circulation, 'renew'>> {
  return {
    async *loans(patron, ctx) {
      for (const { id, item, title, due } of await loansOf(api, patron, ctx))
        yield {
          id,
          item,
          title: known(title),
          due,
          renewable: { is: 'unavailable', reason: 'Carrier Pigeon does not tell.' },
        }
    },
    async *holds(patron, ctx) {
      const path = `/patrons/${cardOf(patron, ctx)}/holds`
      const { holds } = await api.call({ method: 'GET', path }, wireHolds, ctx)
      for (const { id, state, title, pickup, collect_by } of holds)
        yield { id, title: known(title), state: stateOf(state), pickup: known(pickup), collectBy: known(collect_by) }
    },
    async renew(patron, loan, ctx) {
      // Whoever asks renews what is theirs.
      const before = (await loansOf(api, patron, ctx)).find(({ id }) => id === loan)
      if (!before) throw new PrmError('not_found', 'The patron has no such loan.')
      try {
        const path = `/loans/${encodeURIComponent(loan)}/renewal`
        return { ok: true, due: (await api.call({ method: 'POST', path }, wireRenewal, ctx)).due }
      } catch (error) {
        if (PrmError.is(error) && error.code === 'conflict') return refusal(error.vendor?.code)
        if (!PrmError.is(error) || error.code !== 'unknown') throw error
        // The answer is lost: it is read back, and not done again.
        const after = (await loansOf(api, patron, ctx)).find(({ id }) => id === loan)
        if (after && after.due !== before.due) return { ok: true, due: after.due }
        throw error
      }
    },
  }
}

async function loansOf(api: Client, patron: Address, ctx: Context): Promise<readonly CarrierPigeonLoan[]> {
  const path = `/patrons/${cardOf(patron, ctx)}/loans`
  return (await api.call({ method: 'GET', path }, wireLoans, ctx)).loans
}

function cardOf({ scheme, realm, value }: Address, ctx: Context): string {
  if (scheme === 'ils' && realm === `${ctx.id}/card`) return encodeURIComponent(value)
  throw new PrmError('invalid', `Carrier Pigeon knows patrons by an ils address of the realm ${ctx.id}/card.`)
}

const known = (value: string | null | undefined): Known<string> => (value ? { is: 'value', value } : { is: 'empty' })

// UNVERIFIED: your own words, and what they mean to a patron.
const states: ReadonlyMap<string, Hold['state']> = new Map([
  ['queued', 'waiting'],
  ['moving', 'in-transit'],
  ['on_shelf', 'ready'],
])
function stateOf(word: string): Hold['state'] {
  const state = states.get(word)
  if (!state) throw new PrmError('contract', 'A hold is in a state that is not known here.')
  return state
}

const refusals: ReadonlyMap<string | undefined, Refusal['reason']> = new Map([
  ['too_many', 'too-many'],
  ['on_hold', 'on-hold'],
  ['blocked', 'restricted'],
])
/** A result, and no error. */
function refusal(word: string | undefined): Refusal {
  return { ok: false, reason: refusals.get(word) ?? 'other', text: word ?? 'no reason was given' }
}
