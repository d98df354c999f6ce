import {
  type Address,
  type Context,
  type Instant,
  type LocalDate,
  type OpeningTimes,
  PrmError,
  type Refusal,
} from '@prm/core'
import type { Koha } from '@prm/koha'
import { hoursAt, readsAt } from './hours.ts'
import type { Asked, Desk } from './keywords.ts'

interface Options {
  readonly koha: Koha
  readonly context: (signal: AbortSignal) => Context
  readonly opening: OpeningTimes
  readonly zone: string
  /** Where patrons sign in with card and PIN. */
  readonly opac: string
}

/** What the keywords of an account, and HOURS, are answered with: asked of Koha each time, and told as it is. */
export function account({ koha, context, opening, zone, opac }: Options): Desk {
  const answers: {
    readonly [word: string]: (asked: Asked, card: Address, ctx: Context) => ReturnType<Desk['answer']>
  } = {
    renew: (asked, card, ctx) => renew(koha, asked, card, ctx),
    async myitems(_, card, ctx) {
      const loans = await all(koha.circulation.loans(card, ctx))
      return {
        text: listed(
          'Out on your card',
          loans.sort(byDue).map(({ due }) => `due ${day(due)}`),
        ),
      }
    },
    async myholds(_, card, ctx) {
      const holds = await all(koha.circulation.holds(card, ctx))
      const said = holds.map(({ state, pickup, collectBy }) =>
        [
          state,
          pickup.is === 'value' && `at ${pickup.value}`,
          collectBy.is === 'value' && `until ${day(collectBy.value)}`,
        ]
          .filter(Boolean)
          .join(' '),
      )
      return { text: listed('Your holds', said) }
    },
    async fines(_, card, ctx) {
      const { owed } = await koha.circulation.charges(card, ctx)
      return { text: `You owe ${(owed.minor / 100).toFixed(2)} ${owed.currency}.` }
    },
  }
  return {
    async answer(asked) {
      const { said, patron, signal, event } = asked
      const card = patron?.identities.find(({ realm }) => realm === 'koha/id')
      const answer = answers[said.word ?? '']
      if (!answer || !card) return { text: hoursAt(event.seen ?? '', opening, zone) }
      try {
        return await answer(asked, card, context(signal))
      } catch (error) {
        if (!PrmError.is(error)) throw error
        const text = 'Our catalogue cannot be asked just now. Nothing was changed. Staff will look, and text you.'
        return { text, task: `${said.word?.toUpperCase()} by hand: Koha could not be asked (${error.code}).` }
      }
    },
    link: async () => `${opac}/cgi-bin/koha/opac-memberentry.pl`,
    reads: (at) => readsAt(at, opening, zone),
  }
}

/** Each loan in a step of its own: what is renewed is not renewed again after a crash, and what is unknown stays so. */
async function renew(koha: Koha, { said, step }: Asked, card: Address, ctx: Context): ReturnType<Desk['answer']> {
  const loans = await step('loans', async () => (await all(koha.circulation.loans(card, ctx))).sort(byDue))
  const wanted = (said.rest ?? '').match(/\d+/g)?.map(Number)
  const chosen = loans
    .map((loan, index) => ({ ...loan, number: index + 1 }))
    .filter(({ number }) => wanted?.includes(number) ?? true)
  if (loans.length === 0) return { text: 'There is nothing out on your card.' }
  if (chosen.length === 0) return { text: `There is no such item. MYITEMS lists your ${loans.length}.` }
  const lines: string[] = []
  const open: string[] = []
  for (const { id, number, due } of chosen) {
    const done = await step(`renew ${id}`, async () => {
      try {
        return await koha.circulation.renew(card, id, ctx)
      } catch (error) {
        // A step that throws runs again, and might renew twice: what cannot be known is this step's result.
        if (!PrmError.is(error)) throw error
        return error.code
      }
    })
    if (typeof done === 'string') open.push(id)
    const what =
      typeof done === 'string'
        ? done === 'unknown'
          ? 'not certain, staff will look'
          : 'could not be asked, staff will look'
        : done.ok
          ? `renewed until ${day(done.due)}`
          : `not renewed, ${refusals[done.reason]}. It is due ${day(due)}`
    lines.push(`${number}) ${what}.`)
  }
  const text = lines.join(' ')
  return open.length > 0 ? { text, task: `RENEW by hand: look at loan ${open.join(', ')} in Koha.` } : { text }
}

const refusals: { readonly [why in Refusal['reason']]: string } = {
  'on-hold': 'somebody waits for it',
  'too-many': 'it was renewed as often as may be',
  'too-soon': 'it is too soon',
  restricted: 'your card is restricted',
  overdue: 'something is overdue',
  debt: 'too much is owed',
  automatic: 'it renews by itself',
  'not-allowed': 'it may not be',
  'card-expired': 'your card has ended',
  'card-lost': 'your card is reported lost',
  duplicate: 'it is so already',
  other: 'please ask us why',
}

interface Due {
  readonly id: string
  readonly due: LocalDate | Instant
}
function byDue(a: Due, b: Due): number {
  return a.due < b.due ? -1 : a.due > b.due ? 1 : Number(a.id) - Number(b.id)
}

function day(due: LocalDate | Instant): string {
  return new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', timeZone: 'UTC' }).format(
    Date.parse(due.slice(0, 10)),
  )
}

function listed(what: string, items: readonly string[]): string {
  return items.length === 0
    ? `${what}: none.`
    : `${what}: ${items.map((one, index) => `${index + 1}) ${one}`).join(', ')}.`
}

async function all<T>(some: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const one of some) found.push(one)
  return found
}
