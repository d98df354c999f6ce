import { createPrm, type Library, type Options, type Prm, type Store } from '@prm/core'
import { type Inbox, inbox, inboxEvents, inboxPage, type PageOptions } from '@prm/inbox'
import type { Koha } from '@prm/koha'
import type { LibAnswers } from '@prm/libanswers'
import type { Twilio } from '@prm/twilio'
import { account } from './account.ts'
import { holds, type Look, ready, stillWaits } from './holds.ts'
import { keywords } from './keywords.ts'
import type { Mail } from './mail.ts'
import { ticketOf, tickets } from './tickets.ts'

const weekday = [{ from: '10:00', to: '20:00' }]
/** A library with two branches, made up: one is closed on Mondays, and all of it on Thanksgiving. */
export const springfield: Library = {
  id: 'springfield',
  name: 'Springfield Library',
  timeZone: 'America/Chicago',
  locale: 'en-US',
  region: 'US',
  quietHours: { from: '21:00', to: '08:00', media: ['sms'] },
  openingHours: {
    mon: weekday,
    tue: weekday,
    wed: weekday,
    thu: weekday,
    fri: weekday,
    sat: weekday,
    sun: [{ from: '12:00', to: '17:00' }],
  },
  closedDays: ['2026-11-26', '2026-12-25'],
  branches: [
    {
      id: 'ELM',
      name: 'Elm Branch',
      openingHours: { tue: weekday, wed: weekday, thu: weekday, fri: weekday, sat: weekday },
    },
    { id: 'OAK', name: 'Oak Branch' },
  ],
}

/** Without `answers`, all that staff do is on the page of the inbox. */
type Parts = { readonly koha: Koha; readonly sms: Twilio; readonly mail: Mail; readonly answers?: LibAnswers }
export type Springfield = Prm<Parts, 'pickup' | 'answer' | 'teens', 'ready', 'waits'>

export interface Host {
  readonly prm: Springfield
  readonly desk: Inbox
  /** When Koha was asked whether a hold still waits, and what it said. */
  readonly looks: readonly Look[]
}

/** The whole host: Koha tells, patrons are texted or mailed and write back, staff have a page. */
export function hostOf({
  adapters,
  page,
  library = springfield,
  opac,
  ...rest
}: {
  readonly adapters: Parts
  readonly store: Store
  readonly publicUrl: string
  readonly opac: string
  readonly page: Required<Pick<PageOptions, 'authorize' | 'secret'>>
  readonly library?: Library
  readonly now?: () => Date
  readonly allowlist?: readonly string[]
  readonly log?: NonNullable<Options<Parts, string, string>['log']>
}): Host {
  const looks: Look[] = []
  const { koha, answers } = adapters
  const context = (signal: AbortSignal) => prm.context('koha', signal)
  const prm: Springfield = createPrm({
    ...rest,
    library,
    adapters,
    purposes: {
      pickup: {
        basis: 'service',
        class: 'service',
        media: ['sms', 'email'],
        onlyWhileOpen: true,
        fallback: ['undeliverable'],
      },
      answer: { basis: 'service', class: 'service', quietHours: 'ignore' },
      teens: { basis: 'consent', class: 'promotional' },
    },
    templates: { ready: ready(library) },
    rechecks: {
      waits: stillWaits(
        koha,
        context,
        (card, signal) => prm.findPatrons('koha', card, signal),
        (look) => looks.push(look),
      ),
    },
    events: inboxEvents,
    pages: { inbox: inboxPage({ library, purpose: 'answer', queues: ['reference', 'circulation'], ...page }) },
  })
  holds(prm)
  if (answers) tickets(prm, { answers, dataset: '77' })
  keywords(prm, 'koha', {
    ...account({ koha, context, opening: library, zone: library.timeZone, opac }),
    ...(answers && { tell: (event, step) => ticketOf(prm, event, step) }),
  })
  return { prm, desk: inbox(prm, { purpose: 'answer' }), looks }
}
