import type { Prm } from '@prm/core'
import { type TestPrm, testPrm } from '@prm/core/testing'
import { sqlite } from '@prm/store-sqlite'
import { type Twilio, twilio } from '@prm/twilio'
import { simulate } from '@prm/twilio/simulator'
import type { KohaNotice } from '../simulator/index.ts'
import { type MailGateway, type MailGatewayConfig, mailGateway, noticeMailed } from '../src/index.ts'

export const domain: string = 'sms.alder.example'
export const url: string = 'https://library.example/prm'

export interface TestLibrary {
  readonly prm: Prm<{ readonly mail: MailGateway; readonly sms: Twilio }, 'notices' | 'overdues', never> & TestPrm
  readonly gateway: MailGateway
  readonly simulator: Awaited<ReturnType<typeof simulate>>
  readonly logs: readonly string[]
  readonly port: number
  texts(): readonly { readonly to: string | undefined; readonly text: string | undefined }[]
  close(): Promise<void>
}

/** A library with the gateway in front and Twilio's simulator behind. */
export async function library(
  config: Partial<MailGatewayConfig> = {},
  at = '2026-11-24T15:00:00.000Z',
): Promise<TestLibrary> {
  const simulator = await simulate()
  const logs: string[] = []
  const gateway = mailGateway({ region: 'US', domains: [domain], clients: ['127.0.0.1'], port: 0, ...config })
  const prm = await testPrm({
    at,
    store: sqlite({ memory: true }),
    publicUrl: url,
    library: {
      id: 'alder',
      name: 'Alder Library',
      timeZone: 'America/Chicago',
      locale: 'en',
      region: 'US',
      quietHours: { from: '21:00', to: '08:00' },
    },
    adapters: { mail: gateway, sms: twilio({ ...simulator.credentials, baseUrl: simulator.url }) },
    purposes: {
      notices: { basis: 'service', class: 'service', media: ['sms'] },
      overdues: { basis: 'service', class: 'service', media: ['sms'] },
    },
    log: (level, message, data) => void logs.push(JSON.stringify([level, message, data])),
  })
  prm.flow('mailed', noticeMailed, async ({ event, prm }) => {
    const { text, kind } = event.data
    if (!event.who) return
    await prm.send({
      to: event.who,
      purpose: kind === 'overdue' ? 'overdues' : 'notices',
      content: { text },
      key: `mailed ${event.key}`,
      about: [{ source: event.source, key: event.key }],
    })
  })
  const { port } = await gateway.listen(prm)
  return {
    prm,
    gateway,
    simulator,
    logs,
    port,
    texts: () => simulator.received().map(({ to, text }) => ({ to: to?.value, text })),
    async close() {
      await prm.close()
      await simulator.close()
    },
  }
}

/** A hold as Koha mails it. */
export const hold: KohaNotice = {
  to: '2125550134',
  domain,
  from: 'circ@alder.example',
  subject: 'Hold available for pickup',
  text: 'Alder Library: “Ada”, your hold is ready 📚',
  messageId: '<1764.a@koha.alder.example>',
}
