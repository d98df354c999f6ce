import type { Suite } from '@prm/conformance'
import { mailGateway } from '../src/index.ts'
import { domain } from './library.ts'
import { mailbox } from './mailbox.ts'

const password = 'correct horse battery'
/** Where the bounces go. */
export const box: Awaited<ReturnType<typeof mailbox>> = await mailbox()

const origin = (number: string) => `mail:circ@alder.example ${number}@${domain} <${number}@koha.example>`

const suite: Suite = {
  make: () =>
    mailGateway({
      region: 'US',
      domains: [domain],
      users: { koha: password },
      bounces: { host: '127.0.0.1', port: box.port, from: `mailer-daemon@${domain}` },
    }),
  outcomes: {
    results: ['2125550134', '2125550135'].map((number) => {
      const about = { source: 'conformance', key: number }
      return { about, origin: origin(number), state: 'undelivered', at: '2026-11-24T15:00:00Z' }
    }),
    // A mailbox knows a mail by its Message-ID: two of one are one.
    told: () => [...new Set(box.mails.map(({ mail }) => mail.messageId ?? ''))].sort(),
  },
  fixtures: { forbidden: [password, 'circ@alder.example', '2125550134', '+12125550134', '2125550135'] },
}

export const suites: { readonly [adapter: string]: Suite } = { 'mail-gateway': suite }
