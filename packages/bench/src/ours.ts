import { createPrm, type Prm, type Send } from '@prm/core'
import type { Postgres } from '@prm/store-postgres'
import { type Sqlite, sqlite } from '@prm/store-sqlite'
import { twilio } from '@prm/twilio'
import type { Recipient } from './audience.ts'

export const library = {
  id: 'bench',
  name: 'Bench Library',
  timeZone: 'America/Chicago',
  locale: 'en',
  region: 'US',
} as const

/** What a notice says, by both contenders. */
export function words({ name, title, shelf, collectBy }: Recipient): string {
  return `${library.name}: ${name}, "${title}" is ready on shelf ${shelf} until ${collectBy}. Reply STOP to opt out.`
}

type Mine = Prm<{ readonly sms: ReturnType<typeof twilio> }, 'pickup', 'ready'>

/** In a file, or at `postgresql://`: loaded only then, as a host would. */
export async function storeAt(place: string): Promise<Sqlite | Postgres> {
  if (!place.startsWith('postgresql:')) return sqlite({ file: place })
  const { postgres } = await import('@prm/store-postgres')
  return postgres({ url: place })
}

/** A host as a library would write it: one number, one purpose, one template. */
export function host(
  place: string | Sqlite | Postgres,
  more: { readonly provider?: string; readonly url?: string; readonly concurrency?: number } = {},
): { readonly prm: Mine; readonly store: Sqlite | Postgres } {
  const store = typeof place === 'string' ? sqlite({ file: place }) : place
  const prm = createPrm({
    library: { ...library, showTitles: 'everywhere' },
    store,
    adapters: { sms: twilio({ ...account, ...(more.provider !== undefined && { baseUrl: more.provider }) }) },
    purposes: { pickup: { basis: 'service', class: 'service' } },
    templates: { ready: (data: Recipient) => ({ text: words(data) }) },
    concurrency: more.concurrency ?? 50,
    ...(more.url !== undefined && { publicUrl: more.url }),
  })
  return { prm, store }
}

export const account: { readonly accountSid: string; readonly authToken: string; readonly from: string } = {
  accountSid: `AC${'0'.repeat(32)}`,
  authToken: '1'.repeat(32),
  from: '+12125550100',
}

export function sendOf(
  recipient: Recipient,
  e164: string,
): Send<{ readonly sms: ReturnType<typeof twilio> }, 'pickup', 'ready', never> {
  return {
    to: { scheme: 'tel', value: e164 },
    purpose: 'pickup',
    content: { template: 'ready', data: recipient },
    key: `hold ${recipient.card}`,
  }
}
