import type { AddressInfo } from 'node:net'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'

export interface Delivered {
  readonly from: string
  readonly to: readonly string[]
  readonly raw: string
  readonly mail: ParsedMail
}

/** A mail server that takes everything, or as `answer` says. */
export async function mailbox(answer: (to: string) => number = () => 250): Promise<{
  readonly port: number
  readonly mails: readonly Delivered[]
  close(): Promise<void>
}> {
  const mails: Delivered[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 100,
    onRcptTo({ address }, _, done) {
      const responseCode = answer(address)
      done(responseCode === 250 ? null : Object.assign(new Error('no'), { responseCode }))
    },
    onData(stream, { envelope: { mailFrom, rcptTo } }, done) {
      const take = async (): Promise<void> => {
        const chunks: Buffer[] = []
        for await (const chunk of stream) chunks.push(chunk as Buffer)
        const raw = Buffer.concat(chunks)
        const mail = await simpleParser(raw)
        mails.push({
          from: mailFrom ? mailFrom.address : '?',
          to: rcptTo.map(({ address }) => address),
          raw: raw.toString(),
          mail,
        })
      }
      take().then(() => done(), done)
    },
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.server.address() as AddressInfo
  return { port, mails, close: () => new Promise((done) => server.close(done)) }
}
