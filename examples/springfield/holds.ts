import {
  type Adapters,
  type Address,
  type Content,
  type Instant,
  type Library,
  type Notice,
  notice,
  type Prm,
  type Recheck,
  type Template,
} from '@prm/core'
import { inbox } from '@prm/inbox'
import type { Koha } from '@prm/koha'

/** How long a hold waits for others of the same patron, to be told in one text. */
const gatherMs = 10 * 60_000

/** Why staff hear of a hold: nobody can be told of it in time. */
const untold: { readonly [rule: string]: string } = {
  deadline: 'The hold goes back before a message may go: call the patron, or keep it longer.',
  address: 'The hold waits, and no way to reach its patron is known.',
}

/** Tells of holds that are ready: those of ten minutes in one message, as long as they wait, and staff where none can go. */
export function holds<A extends Adapters, T extends string, R extends string>(
  prm: Prm<A, 'pickup' | 'answer', 'ready' | T, 'waits' | R>,
): void {
  prm.flow('hold ready', notice, async ({ event, patron, step, prm }) => {
    const { kind, items, pickup = '' } = event.data
    if (kind !== 'hold-ready' || !event.who) return
    const until = await step('first of them', async () => {
      const since = new Date(Date.parse(event.seen ?? '') - gatherMs).toISOString()
      let first = event.seen ?? ''
      if (patron)
        for await (const fact of prm.timeline(patron.id, { since }))
          if (fact.type === notice.name && (fact.data as Notice).kind === kind && fact.seen)
            first = earlier(first, fact.seen)
      return new Date(Date.parse(first) + gatherMs).toISOString()
    })
    await step.sleep('others', until)
    const key = `ready ${event.key}`
    const expireAt = items[0]?.collectBy
    const decision = { to: event.who, purpose: 'pickup', key, about: [event] } as const
    const content = { template: 'ready', data: event.data } as const
    await prm.send({ ...decision, content, digest: `ready ${pickup}`, recheck: 'waits', ...(expireAt && { expireAt }) })
    await step.sleep('decided', '1m')
    const { outcome } = (await prm.explain(key)).decision
    const subject = outcome.send ? undefined : untold[outcome.rule]
    if (subject) {
      const whose = patron && { patronId: patron.id }
      await inbox(prm, { purpose: 'answer' }).task({
        key,
        subject,
        context: { pickup, until: expireAt ?? '' },
        ...whose,
      })
    }
  })
}

function earlier(a: Instant, b: Instant): Instant {
  return a < b ? a : b
}

/** Says how many, where and until when, and never what. */
export function ready(library: Library): Template {
  return (data, via): Content => {
    const notices = data as readonly [Notice, ...Notice[]]
    const day = notices.flatMap(({ items }) => items.flatMap(({ collectBy }) => collectBy ?? [])).sort()[0]
    const words = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', timeZone: 'UTC' })
    const { pickup } = notices[0]
    const place = library.branches?.find(({ id }) => id === pickup)?.name ?? pickup
    const count = notices.length === 1 ? 'your hold is' : `${notices.length} of your holds are`
    const text = `${library.name}: ${count} ready${place ? ` at ${place}` : ''}${day ? `, until ${words.format(Date.parse(day))}` : ''}.`
    return via.medium === 'email'
      ? { subject: `${library.name}: a hold is ready`, text }
      : { text: `${text} RENEW renews your loans, STOP ends texts.` }
  }
}

/** One look at Koha, right before a message goes. */
export interface Look {
  readonly at: Date
  readonly answer: 'yes' | 'no'
}

/** Does the hold still wait, and is the number still theirs? Koha that is down holds nothing back. */
export function stillWaits(
  koha: Koha,
  context: (signal: AbortSignal) => Parameters<Koha['circulation']['holds']>[1],
  refresh: (card: Address, signal: AbortSignal) => Promise<unknown>,
  looked: (look: Look) => void,
): Recheck {
  return async ({ about, patron, signal }) => {
    const card = patron?.identities.find(({ realm }) => realm === 'koha/id')
    if (!card) return 'unknown'
    await refresh(card, signal) // core looks at the address again once this is answered
    const matters = new Set(about.map(({ data }) => (data as Notice).subjectKey))
    const ctx = context(signal)
    let answer: Look['answer'] = 'no'
    for await (const { id, state } of koha.circulation.holds(card, ctx))
      if (state === 'ready' && matters.has(`hold:koha:${id}`)) answer = 'yes'
    looked({ at: ctx.now(), answer })
    return answer
  }
}
