import type { AddressInfo } from 'node:net'
import { createTransport } from 'nodemailer'
import { SMTPServer } from 'smtp-server'
import { expect, test } from 'vitest'
import { sendAsKoha } from '../simulator/index.ts'
import { domain, hold, library } from './library.ts'
import { mailbox } from './mailbox.ts'

/** The mail server beside Koha, which stays as it is: it takes a mail and brings it where its domain points. */
async function smarthost(routes: {
  readonly [domain: string]: number
}): Promise<{ port: number; close(): Promise<void> }> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 100,
    onData(stream, { envelope: { mailFrom, rcptTo } }, done) {
      const bring = async (): Promise<void> => {
        const chunks: Buffer[] = []
        for await (const chunk of stream) chunks.push(chunk as Buffer)
        const to = rcptTo.map(({ address }) => address)
        const port = routes[to[0]?.split('@')[1] ?? '']
        if (!port) throw new Error('no route')
        const next = createTransport({ host: '127.0.0.1', port, ignoreTLS: true })
        const raw = Buffer.concat([Buffer.from('Received: from koha by mx.alder.example; x\r\n'), ...chunks])
        await next.sendMail({ envelope: { from: mailFrom ? mailFrom.address : '', to }, raw })
      }
      bring().then(() => done(), done)
    },
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return { port: (server.server.address() as AddressInfo).port, close: () => new Promise((done) => server.close(done)) }
}

const both = ['19.11', 'today'] as const

test.each(both)('Change one domain in Koha, restart nothing else: %s', async (release) => {
  // The carrier's gateway takes no mail any more.
  const carrier = await mailbox(() => 550)
  const { port, prm, texts, close } = await library()
  const mx = await smarthost({ 'txt.carrier.example': carrier.port, [domain]: port })
  // What Koha has: a mail server, and of each SMS provider a name and a domain. Patrons name the provider, not the domain.
  const providers = new Map([['Carrier', 'txt.carrier.example']])
  const koha = (n: number) =>
    sendAsKoha(mx, {
      ...hold,
      release,
      domain: providers.get('Carrier') ?? '',
      messageId: `<${n}@koha.alder.example>`,
    })

  await expect(koha(1)).rejects.toThrow()
  providers.set('Carrier', domain)
  await koha(2)
  await prm.settled()
  expect(texts()).toEqual([{ to: '+12125550134', text: hold.text }])
  expect(carrier.mails).toEqual([])

  await mx.close()
  await close()
  await carrier.close()
})

test('of a number that is typed with blanks an old Koha sends the end, and nobody else is texted', async () => {
  const { port, prm, texts, close } = await library()
  const mx = await smarthost({ [domain]: port })
  for (const to of ['(212) 555-0134', '212 555 0134', '212-555 0134', '1 212 555-0134'])
    await expect(sendAsKoha(mx, { ...hold, release: '19.11', to })).rejects.toThrow()
  await sendAsKoha(mx, { ...hold, release: '19.11', to: '212-555-0134' })
  await prm.settled()
  expect(texts()).toEqual([{ to: '+12125550134', text: hold.text }])
  await mx.close()
  await close()
})
