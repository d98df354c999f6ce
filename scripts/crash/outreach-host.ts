import type { Library, Options, Store } from '@prm/core'
import type { Twilio } from '@prm/twilio'

export const library: Library = { id: 'crash', name: 'Crash', timeZone: 'America/Chicago', locale: 'en', region: 'US' }
export const key = 'of the harness alone, and 32 characters or more'
export const price = { micros: 7_900, currency: 'USD' } as const

/** The same to whoever plans and whoever runs. */
export function host(store: Store, sms: Twilio, concurrency = 1): Options<{ readonly sms: Twilio }, 'news', never> {
  return {
    library,
    store,
    concurrency,
    adapters: { sms },
    purposes: { news: { basis: 'consent', class: 'promotional', onUnknownOutcome: 'resend' } },
  }
}
