import { generateKeyPairSync, randomUUID } from 'node:crypto'
import type { Fault, Json, Simulator } from '@prm/core/adapter'
import { faults, loopback, reporter } from '@prm/kit/simulator'
import { type Account, type Event, type Message, resource } from './account.ts'
import { serve } from './api.ts'
import type { SimulateOptions } from './options.ts'
import { type InboundText, request, type StatusReport, texted } from './texts.ts'

export type { Event, Message } from './account.ts'
export type { SimulateOptions } from './options.ts'
export type { InboundText, StatusReport } from './texts.ts'

export interface TelnyxCredentials {
  readonly apiKey: string
  readonly publicKey: string
  readonly from: string
  readonly messagingProfileId: string
}

export interface TelnyxSimulator extends Simulator<TelnyxCredentials> {
  /** Sends to this number fail with this Telnyx error: at once for 10xxx and 403xx, later by report for the other 40xxx. */
  refuse(number: string, code: number): void
  /** A patron texts the library: its block list is kept, and the signed webhook is posted if it has a URL on this machine. */
  text(text: InboundText): Promise<number | undefined>
  /** The same as a signed request, posted nowhere: `{ from, text }`, or `{ id, status }` for a delivery report. */
  webhook(event: InboundText | StatusReport | Json): Request
  setWebhookUrl(url: string): void
  /** Every message it took, oldest first, as the API shows it. */
  messages(): readonly Message[]
  blocked(number: string): boolean
  /** The answers to its events, in the order they came; status 0 is no answer. */
  posted(): readonly { readonly id: string; readonly event: Event; readonly answer: number }[]
  /** Resolves once no event is under way any more. */
  idle(): Promise<void>
}

/**
 * Telnyx's messaging API on loopback, written from its OpenAPI description and pages; what it assumes is listed in the
 * package's README. It keeps what it took for as long as it lives, whatever becomes of its clients.
 */
export async function simulate(options: SimulateOptions = {}): Promise<TelnyxSimulator> {
  const { publicKey, privateKey } = options.keys ?? newKeys()
  const state: Account = {
    apiKey: options.apiKey ?? `KEY${randomUUID().replaceAll('-', '').toUpperCase()}`,
    privateKey,
    from: options.from ?? '+12125550100',
    profile: options.messagingProfileId ?? randomUUID(),
    options,
    kept: new Map(),
    refusals: new Map(),
    blocked: new Set(),
    faults: faults(),
    reporter: reporter(options.delayMs),
    posted: [],
    webhookUrl: options.webhookUrl,
    now: () => options.now?.() ?? new Date(),
  }
  const server = await loopback((asked) => serve(state, asked), options)
  return {
    url: server.url,
    credentials: { apiKey: state.apiKey, publicKey, from: state.from, messagingProfileId: state.profile },
    received: () =>
      [...state.kept.values()].map((one) => ({
        at: one.created.toISOString(),
        to: { scheme: 'tel', value: one.to },
        text: one.text,
        ...(one.key !== undefined && { key: one.key }),
        raw: resource(state, one) as unknown as Json,
      })),
    fault: (fault: Fault, times) => state.faults.add(fault, times),
    refuse: (number, code) => void state.refusals.set(number, code),
    text: (text) => texted(state, text),
    webhook: (event) => request(state, event as InboundText | StatusReport),
    setWebhookUrl(url) {
      state.webhookUrl = url
    },
    messages: () => [...state.kept.values()].map((one) => resource(state, one)),
    blocked: (number) => state.blocked.has(number),
    posted: () => state.posted,
    idle: () => state.reporter.idle(),
    async close() {
      state.reporter.close()
      await server.close()
    },
  }
}

/** A key pair as an account has one, for `keys`. */
export function newKeys(): NonNullable<SimulateOptions['keys']> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  return {
    publicKey: Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64'),
    privateKey,
  }
}
