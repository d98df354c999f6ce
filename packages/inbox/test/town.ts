import type { Actor, Adapter, Address, Interaction, Library, PatronUpdate, Prm } from '@prm/core'
import { type TestPrm, testPrm } from '@prm/core/testing'
import { type Inbox, type InboxOptions, inbox, inboxEvents, inboxPage, type PageOptions } from '@prm/inbox'
import { sqlite } from '@prm/store-sqlite'
import { type Twilio, twilio } from '@prm/twilio'
import { simulate } from '@prm/twilio/simulator'
import { afterEach } from 'vitest'

export const phone = '+12125550123'
export const other = '+12125550144'
export const tel = (value: string): Address => ({ scheme: 'tel', value })
export const sam: Actor = { kind: 'staff', id: 'sam' }
export const kim: Actor = { kind: 'staff', id: 'kim' }
export const secret = 'only for tests, only for tests'
export const card = (value: string): Address => ({ scheme: 'ils', realm: 'koha/card', value })

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

export interface Town {
  readonly prm: Prm<{ readonly sms: Twilio; readonly koha: Adapter }, 'answer' | 'pickup'> & TestPrm
  readonly desk: Inbox
  /** A text comes in, and all that it starts is done. */
  text(body: string, more?: { readonly from?: string }): Promise<Interaction>
  /** What went out to this number, oldest first. */
  sent(to?: string): readonly string[]
  meet(...people: PatronUpdate[]): Promise<void>
  /** A hold is ready, and its patron is told. */
  hold(id: string, of: string, more?: { readonly branch?: string; readonly collectBy?: string }): Promise<void>
  get(path?: string, headers?: Record<string, string>): Promise<Response>
  post(path: string, form: Record<string, string>, headers?: Record<string, string>): Promise<Response>
  readonly provider: Awaited<ReturnType<typeof simulate>>
}

export async function town(
  given: {
    readonly library?: Partial<Library>
    readonly page?: Partial<PageOptions>
    readonly inbox?: Partial<InboxOptions<'answer'>>
    readonly url?: string
  } = {},
): Promise<Town> {
  const { url = 'https://library.example/prm' } = given
  const provider = await simulate({ webhookUrl: `${url}/sms` })
  const library = {
    id: 'springfield',
    name: 'Springfield Library',
    timeZone: 'America/Chicago',
    locale: 'en-US',
    region: 'US',
    ...given.library,
  }
  let people: readonly PatronUpdate[] = []
  const koha: Adapter = {
    spec: 1,
    kind: 'koha',
    version: '1.0.0',
    emits: [],
    feed: {
      every: '1h',
      async *pull() {
        yield { interactions: [], people, cursor: null }
      },
    },
  }
  const prm = await testPrm({
    at: '2026-11-24T16:00:00.000Z',
    store: sqlite({ memory: true }),
    publicUrl: url,
    library,
    adapters: { koha, sms: twilio({ ...provider.credentials, baseUrl: provider.url }) },
    purposes: {
      answer: { basis: 'service', class: 'service', quietHours: 'ignore' },
      pickup: { basis: 'service', class: 'service' },
    },
    events: inboxEvents,
    pages: {
      inbox: inboxPage({
        library,
        purpose: 'answer',
        secret,
        queues: ['reference', 'circulation'],
        authorize: (request) => {
          const id = request.headers.get('x-staff')
          return id === null ? undefined : { kind: 'staff', id }
        },
        ...given.page,
      }),
    },
  })
  open.push(
    () => prm.close(),
    () => provider.close(),
  )
  const desk = inbox(prm, { purpose: 'answer', ...given.inbox })
  const heard: Interaction[] = []
  prm.on('recorded', (fact) => heard.push(fact))
  return {
    prm,
    desk,
    provider,
    async text(body, { from = phone } = {}) {
      await prm.handle(provider.webhook({ from, body }))
      await prm.settled()
      return heard.findLast(({ type }) => type === 'message.received') as Interaction
    },
    sent: (to = phone) => provider.received().flatMap((one) => (one.to?.value === to ? [one.text ?? ''] : [])),
    async meet(...met) {
      people = met
      await prm.pull('koha')
    },
    async hold(id, of, { branch = 'MAIN', collectBy = '2026-11-30' } = {}) {
      const notice = {
        source: 'koha',
        key: `hold-ready ${id}`,
        type: 'notice',
        who: card(of),
        branch,
        data: {
          kind: 'hold-ready',
          subjectKey: `hold:koha:${id}`,
          items: [{ id, title: 'The Secret Garden', collectBy }],
        },
      }
      await prm.record([notice])
      await prm.send({
        to: card(of),
        purpose: 'pickup',
        content: { text: `Your hold is ready at ${branch}.` },
        key: `ready ${id}`,
        about: [notice],
      })
      await prm.settled()
    },
    get: (path = '', headers = {}) =>
      prm.handle(new Request(`${url}/inbox${path}`, { headers: { 'x-staff': 'sam', ...headers } })),
    post: (path, form, headers = {}) =>
      prm.handle(
        new Request(`${url}/inbox${path}`, {
          method: 'POST',
          headers: {
            'x-staff': 'sam',
            origin: 'https://library.example',
            'sec-fetch-site': 'same-origin',
            'content-type': 'application/x-www-form-urlencoded',
            ...headers,
          },
          body: new URLSearchParams(form).toString(),
        }),
      ),
  }
}

/** The value of a hidden field. */
export function field(page: string, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1] ?? ''
}
