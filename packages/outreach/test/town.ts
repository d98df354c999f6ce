import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Channel, Library, Prm, Purpose } from '@prm/core'
import { type TestPrm, testPrm } from '@prm/core/testing'
import { sqlite } from '@prm/store-sqlite'
import { type Twilio, type TwilioConfig, twilio } from '@prm/twilio'
import { type SimulateOptions, simulate, type TwilioSimulator } from '@prm/twilio/simulator'
import { type Audience, csv, type Order, type Outreach, outreach } from '../src/index.ts'

export const library: Library = {
  id: 'springfield',
  name: 'Springfield Library',
  timeZone: 'America/Chicago',
  locale: 'en',
  region: 'US',
  quietHours: { from: '21:00', to: '08:00' },
}
export const noon = '2026-11-24T18:00:00.000Z'
export const key = 'a key of more than thirty-two characters'

export interface Town {
  readonly prm: Prm<{ readonly sms: Twilio }, 'news' | 'notices'> & TestPrm
  readonly provider: TwilioSimulator
  readonly bulk: Outreach
  readonly folder: string
  /** A file in the town's own folder. */
  file(name?: string): string
  order(audience: Audience | string, more?: Partial<Order>): Order
  close(): Promise<void>
}

export const header = 'id,name,phone,email,language,timezone,branch,category,birthdate,expires,consent'

/** Lines of a list, as a file would give them. */
export function text(...lines: readonly string[]): AsyncIterable<Uint8Array> {
  return bytes(Buffer.from(`${lines.join('\r\n')}\r\n`))
}
export async function* bytes(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

/** An invented patron who agreed: the nth has the number +1 212 555 01nn, or of the area codes after that. */
export function patron(
  n: number,
  more: Partial<Record<'name' | 'phone' | 'language' | 'timezone' | 'birthdate' | 'expires' | 'consent', string>> = {},
): string {
  const {
    name = `Ann ${n}`,
    phone = phoneOf(n),
    language = '',
    timezone = '',
    birthdate = '',
    expires = '',
    consent = 'yes',
  } = more
  return `${1000 + n},${name},${phone},,${language},${timezone},MAIN,,${birthdate},${expires},${consent}`
}
export function phoneOf(n: number): string {
  return `+1${212 + Math.floor(n / 100)}55501${String(n % 100).padStart(2, '0')}`
}

export async function town(
  more: {
    readonly at?: string
    readonly twilio?: Partial<TwilioConfig>
    readonly news?: Partial<Purpose>
    readonly library?: Partial<Library>
    readonly simulate?: SimulateOptions
    readonly limits?: Partial<Channel['limits']>
  } = {},
): Promise<Town> {
  const folder = mkdtempSync(join(tmpdir(), 'prm-outreach-'))
  const provider = await simulate(more.simulate)
  const sms = twilio({
    ...provider.credentials,
    baseUrl: provider.url,
    price: { micros: 7_900, currency: 'USD' },
    ...more.twilio,
  })
  const limits = { ...sms.channel.limits, ...more.limits }
  const prm = await testPrm({
    at: more.at ?? noon,
    store: sqlite({ memory: true }),
    library: { ...library, ...more.library },
    adapters: { sms: { ...sms, channel: { ...sms.channel, limits } } },
    purposes: {
      news: { basis: 'consent', class: 'promotional', ...more.news },
      notices: { basis: 'service', class: 'service' },
    },
  })
  const file = (name = 'plan.ndjson') => join(folder, name)
  return {
    prm,
    provider,
    bulk: outreach({ prm, store: prm.store, library: { ...library, ...more.library }, key }),
    folder,
    file,
    order: (audience, rest = {}) => ({
      audience: typeof audience === 'string' ? csv(text(header, ...audience.split('\n'))) : audience,
      templates: [{ text: '{{ library }}: {{ name }}, we open on Sundays. Reply STOP to end.' }],
      purpose: 'news',
      via: ['sms'],
      by: 'Ann Planner',
      ...rest,
    }),
    async close() {
      await prm.close()
      await provider.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
