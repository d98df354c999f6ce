import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type Adapter, type Channel, PrmError } from '@prm/core'
import { createTransport } from 'nodemailer'
import { SMTPServer } from 'smtp-server'

export interface Mail extends Adapter {
  readonly channel: Channel
}

/** Mail by any SMTP server: as much of an adapter as this example needs. */
export function mail({ port, from }: { readonly port: number; readonly from: string }): Mail {
  const transport = createTransport({ host: '127.0.0.1', port, ignoreTLS: true })
  return {
    spec: 1,
    kind: 'smtp',
    version: '0.0.0',
    emits: [],
    channel: {
      medium: 'email',
      schemes: ['mailto'],
      exposure: 'private',
      limits: { idempotent: false },
      measure: () => ({ units: 1, unit: 'message', warnings: [] }),
      async send({ key, to, content }) {
        const { text, subject } = content
        try {
          const { messageId } = await transport.sendMail({
            from,
            to: to.value,
            text,
            subject,
            headers: { 'X-Prm-Key': key },
          })
          return { id: messageId, state: 'accepted', raw: null }
        } catch (error) {
          const { responseCode = 0, code } = error as { responseCode?: number; code?: string }
          if (responseCode >= 500) throw new PrmError('undeliverable', `The mail server refused it: ${responseCode}.`)
          const before = responseCode >= 400 || code === 'ECONNECTION' || code === 'ESOCKET'
          throw new PrmError(before ? 'unavailable' : 'unknown', 'The mail server could not be asked.', {
            cause: error,
          })
        }
      },
    },
    close: async () => transport.close(),
  }
}

export interface Mailbox {
  readonly port: number
  /** What came in, oldest first. */
  readonly mails: readonly { readonly to: string; readonly raw: string }[]
  close(): Promise<void>
}

/** A mail server on this machine that keeps what it is given: nothing leaves. */
export async function mailbox(): Promise<Mailbox> {
  const mails: { to: string; raw: string }[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 100,
    onData(stream, { envelope }, done) {
      const take = async (): Promise<void> => {
        const raw = await text(stream)
        for (const { address } of envelope.rcptTo) mails.push({ to: address, raw })
      }
      take().then(() => done(), done)
    },
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    close: () => new Promise((done) => server.close(done)),
  }
}
