import { adapterSuite } from '@prm/conformance'
import { afterAll, beforeAll, describe } from 'vitest'
import { told } from '../../../conformance/test/told.ts'
import { answer, type EmailSimulator, simulate } from '../simulator/index.ts'
import { email } from '../src/index.ts'
import { type Dovecot, dovecot, noDovecot } from './dovecot.ts'
import { config, fixtures, from, inletSecret, password, suites } from './suite.ts'

describe('email by an inlet', () => {
  adapterSuite(told, suites.email)
})

describe.skipIf(noDovecot)(`email by a mailbox${noDovecot ? ` skipped: ${noDovecot}` : ''}`, () => {
  let server: Dovecot
  let users = 0
  const boxes = new WeakMap<EmailSimulator, string>()
  beforeAll(async () => {
    server = await dovecot()
  })
  afterAll(() => server.stop())
  adapterSuite(told, {
    make: (simulator) => {
      const user = (simulator && boxes.get(simulator)) ?? 'nobody'
      const imap = { host: '127.0.0.1', port: server?.port ?? 1143, user, password: server?.password ?? password }
      return email({ ...config(simulator), imap: { ...imap, sent: 'Sent' } })
    },
    async simulate() {
      const user = `user${++users}`
      for (let n = 0; n < 30; n++) {
        const mail = { from: fixtures.known.value, to: from, text: fixtures.text, messageId: `<${n}@phone.example>` }
        await server.deliver(user, answer({ ...mail, subject: `Question ${n}` }))
      }
      // As Gmail does, it puts what it sent into the mailbox for that.
      const sent = (raw: string) => server.deliver(user, raw, 'Sent')
      const simulator = await simulate({ password, inletSecret, sent })
      boxes.set(simulator, user)
      return simulator
    },
    fixtures,
  })
})
