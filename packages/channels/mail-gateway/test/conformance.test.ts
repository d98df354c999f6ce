import { adapterSuite } from '@prm/conformance'
import { afterAll, beforeAll, test } from 'vitest'
import { mailGateway } from '../src/index.ts'
import { domain } from './library.ts'
import { mailbox } from './mailbox.ts'

const password = 'correct horse battery'
let box: Awaited<ReturnType<typeof mailbox>>
beforeAll(async () => {
  box = await mailbox()
})
afterAll(() => box.close())

const origin = (number: string) => `mail:circ@alder.example ${number}@${domain} <${number}@koha.example>`

adapterSuite(test, {
  make: () =>
    mailGateway({
      region: 'US',
      domains: [domain],
      users: { koha: password },
      bounces: { host: '127.0.0.1', port: box?.port ?? 1, from: `mailer-daemon@${domain}` },
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
})
