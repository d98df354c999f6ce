import type { Simulator } from '@prm/core/adapter'
import {
  type Answer,
  type Asked,
  badDay,
  faults,
  loopback,
  reporter, // @channel+webhook
} from '@prm/kit/simulator'
import { type KnownAccess, mayCall, newAccess } from './access.ts'
import { type Account, ok, type Route, refused } from './account.ts'
import { catalogue } from './catalogue.ts' // @catalogue
import { circulation, newLoans } from './circulation.ts' // @circulation
import { directory } from './directory.ts' // @directory
import { messages } from './messages.ts' // @channel
import { notices } from './notices.ts' // @feed
import { type KnownCheck, type KnownSigning, newSigning } from './signing.ts' // @webhook
import { type CarrierPigeonEvent, webhook } from './webhooks.ts' // @webhook
import { writeBack } from './write-back.ts' // @writeBack

export { type KnownAccess, newAccess } from './access.ts'
export { type KnownCheck, type KnownSigning, newSigning } from './signing.ts' // @webhook
export type { CarrierPigeonEvent } from './webhooks.ts' // @webhook

export interface SimulateOptions {
  readonly access?: KnownAccess
  readonly signing?: KnownSigning // @webhook
  /** The account's number; +12125550100 unless given. */
  readonly from?: string // @channel
  /** A port of 127.0.0.1; any free one unless given. */
  readonly port?: number
  readonly latencyMs?: number
  /** The clock of its dates and signatures. */
  readonly now?: () => Date
}

export interface CarrierPigeonCredentials extends KnownAccess /* @webhook { */, KnownCheck /* @} */ {
  readonly from: string // @channel
}

export interface CarrierPigeonSimulator extends Simulator<CarrierPigeonCredentials> {
  // @webhook {
  /** A request as Carrier Pigeon would sign it: `{ from, text, url }`, a patron's text. */
  webhook(event: CarrierPigeonEvent): Request
  // @}
  // @channel {
  /** Sends to this number are refused with this word: `opted_out`. */
  refuse(number: string, word: string): void
  // @}
  // @writeBack {
  /** What it was told of each notice, by its id. */
  told(): { readonly [notice: string]: string }
  // @}
}

/** Carrier Pigeon's API on loopback. Write it from your own published description, not from what the adapter believes. */
export async function simulate(options: SimulateOptions = {}): Promise<CarrierPigeonSimulator> {
  const account: Account = {
    access: options.access ?? newAccess(),
    // @webhook {
    signing: options.signing ?? newSigning(),
    texts: 0,
    // @}
    faults: faults(),
    now: () => options.now?.() ?? new Date(),
    // @channel {
    from: options.from ?? '+12125550100',
    messages: [],
    refusals: new Map(),
    // @}
    reporter: reporter(), // @channel+webhook
    told: new Map(), // @writeBack
    loans: newLoans(), // @circulation
  }
  const server = await loopback((asked) => serve(account, asked), options)
  return {
    url: server.url,
    credentials: {
      ...account.access,
      from: account.from, // @channel
      ...account.signing.config, // @webhook
    },
    received: () => [
      // @channel {
      ...account.messages.map(({ at, to, text, ref, id, status }) => ({
        at,
        to: { scheme: 'tel', value: to },
        text,
        ...(ref !== undefined && { key: ref }),
        raw: { id, status },
      })),
      // @}
    ],
    fault: (fault, times) => account.faults.add(fault, times),
    webhook: (event) => webhook(account, event), // @webhook
    refuse: (number, word) => void account.refusals.set(number, word), // @channel
    told: () => Object.fromEntries([...account.told].sort().map(([id, { state }]) => [id, state])), // @writeBack
    async close() {
      account.reporter.close() // @channel+webhook
      await server.close()
    },
  }
}

const routes: readonly Route[] = [
  messages, // @channel
  notices, // @feed
  writeBack, // @writeBack
  directory, // @directory
  circulation, // @circulation
  catalogue, // @catalogue
]
const refusals = { busy: refused(429, 'too_fast'), failed: refused(500, 'internal'), denied: refused(401, 'unknown') }

function serve(account: Account, asked: Asked): Answer {
  const { method, url, headers } = asked
  const fault = account.faults.take(method !== 'GET')
  const bad = badDay(fault, refusals, account.now())
  if (bad) return bad
  if (!mayCall(account.access, headers)) return refused(401, 'unknown')
  for (const route of routes) {
    const answer = route(account, asked, fault)
    if (answer) return answer
  }
  return url.pathname === '/account' ? ok({ name: 'Alder Library', enabled: true }) : refused(404, 'no_such_path')
}
