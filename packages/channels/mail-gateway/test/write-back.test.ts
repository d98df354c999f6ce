import { expect, test } from 'vitest'
import { sendAsKoha } from '../simulator/index.ts'
import { type MailGateway, mailGateway } from '../src/index.ts'
import { domain, hold, library, url } from './library.ts'
import { mailbox } from './mailbox.ts'

const from = `mailer-daemon@${domain}`

test('a text that fails comes back to its sender as a delivery report', async () => {
  const box = await mailbox()
  const { port, prm, simulator, close } = await library({ bounces: { host: '127.0.0.1', port: box.port, from } })
  await prm.handle(simulator.webhook({ from: '+12125550134', body: 'please stop texting me', url: `${url}/sms` }))
  await sendAsKoha({ port }, hold)
  await sendAsKoha({ port }, { ...hold, to: '2125550135' })
  await prm.settled()
  await prm.settled()
  expect(box.mails).toHaveLength(1)
  const [bounce] = box.mails
  expect(bounce).toMatchObject({ from: '', to: ['circ@alder.example'] })
  expect(bounce?.mail.headers.get('content-type')).toMatchObject({
    value: 'multipart/report',
    params: { 'report-type': 'delivery-status' },
  })
  expect(bounce?.mail.headers.get('auto-submitted')).toBe('auto-replied')
  expect(bounce?.mail.inReplyTo).toBe(hold.messageId)
  expect(bounce?.mail.subject).toBe('A text was not delivered')
  expect(bounce?.raw).toContain(`Final-Recipient: rfc822; 2125550134@${domain}`)
  expect(bounce?.raw).toMatch(/Action: failed\r\nStatus: 5\.7\.1\r\nDiagnostic-Code: x-prm; not-sent suppressed/)
  expect(bounce?.raw).not.toContain('Ada')
  await close()
  await box.close()
})

test('what was delivered is not told, nor what has no mail', async () => {
  const box = await mailbox()
  const { gateway, prm, close } = await library({ bounces: { host: '127.0.0.1', port: box.port, from } })
  await report(gateway, prm, [
    { state: 'delivered' },
    { state: 'sent' },
    { state: 'undelivered', origin: 'itiva:77' },
    { state: 'undelivered', origin: 'mail: 2125550134@sms.alder.example <x>' },
    { state: 'undelivered', origin: `mail:circ@${domain} 2125550134@${domain} <x>` }, // our own: it would come back
  ])
  expect(box.mails).toEqual([])
  await close()
  await box.close()
})

test('a report that is told twice is one mail, by its Message-ID in another process too', async () => {
  const box = await mailbox()
  const config = { host: '127.0.0.1', port: box.port, from }
  const { gateway, prm, close } = await library({ bounces: config })
  const other = mailGateway({ region: 'US', domains: [domain], clients: ['127.0.0.1'], bounces: config })
  await report(gateway, prm, [{ state: 'rejected', reason: 'Twilio 21610:\nblocked' }])
  await report(gateway, prm, [{ state: 'rejected' }])
  expect(box.mails).toHaveLength(1)
  await report(other, prm, [{ state: 'rejected' }])
  expect(new Set(box.mails.map(({ mail }) => mail.messageId)).size).toBe(1)
  expect(box.mails[0]?.raw).toContain('Diagnostic-Code: x-prm; rejected Twilio 21610: blocked')
  await close()
  await box.close()
})

test('a mail server that is down is asked again later, and nobody is told twice meanwhile', async () => {
  let code = 250
  const box = await mailbox((to) => (to === 'desk@alder.example' ? code : 250))
  const { gateway, prm, close } = await library({ bounces: { host: '127.0.0.1', port: box.port, from } })
  const results = [
    { state: 'undelivered' as const, key: 'a' },
    { state: 'undelivered' as const, key: 'b', origin: `mail:desk@alder.example 2125550134@${domain} <b>` },
  ]
  code = 451
  await expect(report(gateway, prm, results)).rejects.toMatchObject({ code: 'unavailable' })
  code = 250
  await report(gateway, prm, results)
  expect(box.mails.map(({ to }) => to)).toEqual([['circ@alder.example'], ['desk@alder.example']])
  await box.close()
  await expect(report(gateway, prm, [{ state: 'rejected' }])).rejects.toMatchObject({ code: 'unavailable' })
  expect(await gateway.check(prm.context('mail'))).toContainEqual(
    expect.objectContaining({ what: 'outcomes.bounces', ok: false }),
  )
  await close()
})

test('a sender whom the mail server does not know keeps nobody else waiting', async () => {
  const box = await mailbox((to) => (to === 'gone@alder.example' ? 550 : 250))
  const { gateway, prm, logs, close } = await library({ bounces: { host: '127.0.0.1', port: box.port, from } })
  await report(gateway, prm, [
    { state: 'undelivered', key: 'a', origin: `mail:gone@alder.example 2125550134@${domain} <a>` },
    { state: 'undelivered', key: 'b' },
  ])
  expect(box.mails).toHaveLength(1)
  expect(logs.join()).toContain('not tried again')
  expect(logs.join()).not.toContain('gone@alder.example')
  await close()
  await box.close()
})

interface Said {
  readonly state: 'delivered' | 'sent' | 'undelivered' | 'rejected' | 'not-sent'
  readonly key?: string
  readonly origin?: string
  readonly reason?: string
}
async function report(
  gateway: MailGateway,
  prm: Awaited<ReturnType<typeof library>>['prm'],
  said: readonly Said[],
): Promise<void> {
  const results = said.map(
    ({ key = 'a', origin = `mail:circ@alder.example 2125550134@${domain} <a@koha.example>`, ...rest }) => ({
      about: { source: 'mail', key },
      at: '2026-11-24T15:00:00.000Z',
      origin,
      ...rest,
    }),
  )
  await gateway.writeBack?.report(results, prm.context('mail'))
}
