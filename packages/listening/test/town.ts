import { readFileSync } from 'node:fs'
import type { Actor, Adapters, Conversation, Prm } from '@prm/core'
import { type TestPrm, testPrm } from '@prm/core/testing'
import { inboxEvents } from '@prm/inbox'
import { sqlite } from '@prm/store-sqlite'
import { onTestFinished } from 'vitest'
import {
  type Listening,
  type ListeningOptions,
  listening,
  listeningEvents,
  type Mention,
  mentionOf,
  mentionStands,
  readPacks,
} from '../src/index.ts'
import { type Network, network } from './network.ts'

export const sam: Actor = { kind: 'staff', id: 'sam' }
export const kim: Actor = { kind: 'staff', id: 'kim' }
const file = new URL('alder.packs.json', import.meta.url)
export const packs: ReturnType<typeof readPacks> = readPacks(readFileSync(file, 'utf8'), 'alder.packs.json')
export const library = {
  id: 'alder',
  name: 'AVU Libraries',
  timeZone: 'America/Los_Angeles',
  locale: 'en-US',
  region: 'US',
}

export interface Town {
  readonly prm: Prm<Adapters, 'reply', never, 'mention'> & TestPrm
  readonly desk: Listening
  readonly sam: Listening
  readonly kim: Listening
  readonly net: Network
  readonly site: Network
  /** What its feeds tell is heard, and all that it starts is done. */
  hear(): Promise<void>
  /** The mention of a post of `net`, or of another network. */
  mention(
    id: string,
    realm?: string,
  ): Promise<{ readonly id: string; readonly conversation: Conversation; readonly mention: Mention }>
}

export async function town(
  options: Partial<ListeningOptions<'reply', 'mention'>> = {},
  adapters: Adapters = {},
): Promise<Town> {
  const net = network('birdsite')
  const site = network('forum', { answerable: false })
  const prm: Town['prm'] = await testPrm({
    at: '2026-11-24T16:00:00.000Z',
    store: sqlite({ memory: true }),
    library,
    adapters: { birdsite: net, forum: site, ...adapters },
    purposes: { reply: { basis: 'service', class: 'service', quietHours: 'ignore' } },
    events: [...inboxEvents, ...listeningEvents],
    rechecks: { mention: (r) => stands(r) },
  })
  onTestFinished(() => prm.close())
  const stands = mentionStands(prm.store, library.id)
  const desk = listening(prm, { purpose: 'reply', packs, recheck: 'mention', sample: 0, ...options })
  return {
    prm,
    desk,
    sam: desk.as(sam),
    kim: desk.as(kim),
    net,
    site,
    async hear() {
      for (const [id, adapter] of Object.entries(prm.adapters)) if (adapter.feed) await prm.pull(id)
      await prm.settled()
    },
    async mention(id, realm = 'birdsite.example.org') {
      const scope = prm.options.store.scope(library.id)
      for (const state of ['open', 'waiting', 'snoozed', 'closed'] as const)
        for await (const one of scope.find('conversation', { state })) {
          const mention = mentionOf(one)
          if (mention?.post.value === id && mention.post.realm === realm)
            return { id: one.id, conversation: one, mention }
        }
      throw new Error(`no mention of ${id}`)
    },
  }
}

/** All that the store has. */
export async function dump(prm: Town['prm']): Promise<string> {
  const rows: string[] = []
  for await (const row of prm.export()) rows.push(JSON.stringify(row))
  return rows.join('\n')
}
