import { bluesky } from '@prm/bluesky'
import * as sky from '@prm/bluesky/simulator'
import type { Conversation, Library } from '@prm/core'
import { testPrm } from '@prm/core/testing'
import { facebook } from '@prm/facebook'
import * as page from '@prm/facebook/simulator'
import { feeds } from '@prm/feeds'
import * as sites from '@prm/feeds/simulator'
import { inboxEvents, inboxPage } from '@prm/inbox'
import { type Listening, listening, listeningEvents, mentionOf, readPacks } from '@prm/listening'
import { mentions } from '@prm/listening/inbox'
import { mastodon } from '@prm/mastodon'
import * as instance from '@prm/mastodon/simulator'
import { sqlite } from '@prm/store-sqlite'
import { twilio } from '@prm/twilio'
import * as texts from '@prm/twilio/simulator'
import { type Served, type SignOn, serve, signOn } from '../springfield/served.ts'

const library: Library = {
  id: 'alder',
  name: 'Alder Library',
  timeZone: 'America/Chicago',
  locale: 'en-US',
  region: 'US',
}
const pseudonymKey = 'of this example alone, and long enough'
/** What a librarian keeps in a file. */
const packs = readPacks({
  packs: [
    {
      id: 'alder',
      names: ['Alder Library', 'Alder Public Library'],
      services: ['print*', 'elevator', 'study room*', 'fines'],
      places: ['Aldertown', 'Elm Street'],
      sources: ['facebook'],
      exclude: { names: ['Alder Bay Library'], words: ['marina'] },
      languages: ['en'],
    },
  ],
})

/** One library that listens by four networks and answers texts, all on this machine. */
export interface Place {
  readonly forum: sites.Post[]
  readonly mastodon: instance.MastodonSimulator
  readonly bluesky: sky.BlueskySimulator
  readonly facebook: page.FacebookSimulator
  readonly sms: texts.TwilioSimulator
  readonly desk: Listening
  readonly url: string
  readonly signOn: SignOn
  now(): Date
  /** Lets time go by: feeds are asked, and what is due is done. */
  until(instant: string): Promise<void>
  text(from: string, body: string): Promise<void>
  /** The conversation of a post, by some of its first words. */
  about(words: string): Promise<Conversation>
  close(): Promise<void>
}

export async function place(at: string): Promise<Place> {
  let clock = Date.parse(at)
  const now = (): Date => new Date(clock)
  const served: Served = await serve()
  const { url } = served
  const [forums, fedi, blue, wall, sms] = await Promise.all([
    sites.simulate({ now }),
    instance.simulate({ now }),
    sky.simulate({ now, empty: true }),
    page.simulate({ now, webhookUrl: `${url}/facebook` }),
    texts.simulate({ now, webhookUrl: `${url}/sms` }),
  ])
  const forum = forums.sites.get('/forum.atom')?.posts ?? []
  forum.length = 0
  const staff = signOn()
  const listeners: Listening[] = []
  const listener = (): Listening => listeners[0] as Listening
  const prm = await testPrm({
    at,
    store: sqlite({ memory: true }),
    publicUrl: url,
    library,
    adapters: {
      forum: feeds({ pseudonymKey, feeds: [{ name: 'forum', url: `${forums.url}/forum.atom`, query: 'forum' }] }),
      mastodon: mastodon({
        ...fedi.credentials,
        baseUrl: fedi.url,
        pseudonymKey,
        tags: [{ name: 'AlderLibrary', query: 'tag' }],
      }),
      bluesky: bluesky({
        ...blue.credentials,
        baseUrl: blue.url,
        pseudonymKey,
        queries: [{ name: 'name', any: ['Alder'] }],
        answer: 'approved',
      }),
      facebook: facebook({ ...wall.credentials, baseUrl: wall.url, pseudonymKey }),
      sms: twilio({ ...sms.credentials, baseUrl: sms.url }),
    },
    purposes: { answer: { basis: 'service', class: 'service', quietHours: 'ignore' } },
    events: [...inboxEvents, ...listeningEvents],
    rechecks: { mention: (asked) => listener().stands(asked) },
    pages: { inbox: inboxPage({ ...staff.page, library, purpose: 'answer', kinds: [mentions(listener)] }) },
  })
  served.answer(prm.handle)
  listeners.push(listening(prm, { purpose: 'answer', packs, recheck: 'mention', sample: 1 }))
  return {
    forum,
    mastodon: fedi,
    bluesky: blue,
    facebook: wall,
    sms,
    desk: listener(),
    url,
    signOn: staff,
    now,
    async until(instant) {
      const seconds = (Date.parse(instant) - clock) / 1_000
      clock += seconds * 1_000
      await prm.advance(`${seconds}s`)
    },
    async text(from, body) {
      await prm.handle(sms.webhook({ from, body }))
      await prm.settled()
    },
    async about(words) {
      for (const state of ['open', 'waiting', 'closed'] as const)
        for await (const one of prm.conversations({ state })) if (mentionOf(one)?.text?.includes(words)) return one
      throw new Error(`Nobody heard "${words}".`)
    },
    async close() {
      await prm.close()
      await Promise.all([served.close(), forums.close(), fedi.close(), blue.close(), wall.close(), sms.close()])
    },
  }
}
