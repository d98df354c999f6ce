import { type MessageReceived, messageReceived, type Prm } from '@prm/core'
import { type TestPrm, testPrm } from '@prm/core/testing'
import { sqlite } from '@prm/store-sqlite'
import { type EmailSimulator, type Posted, simulate } from '../simulator/index.ts'
import { type Email, type EmailConfig, email } from '../src/index.ts'

const url = 'https://library.example/prm'
export const from = 'notices@alder.example'
export const ada = { scheme: 'mailto', value: 'ada@patron.example' } as const
export const secret = 'a long random text that seals all names'

export interface TestLibrary {
  readonly prm: Prm<{ readonly mail: Email }, 'pickup' | 'news', never> & TestPrm
  readonly simulator: EmailSimulator
  readonly logs: readonly string[]
  send(key: string, text?: string, purpose?: 'pickup' | 'news'): Promise<Awaited<ReturnType<Prm['send']>>>
  post(mail: Omit<Posted, 'url'> & { readonly [field: string]: unknown }): Promise<Response>
  /** What Ada wrote. */
  texts(): Promise<readonly string[]>
  close(): Promise<void>
}

/** A library that mails by the simulator. */
export async function library(config: Partial<EmailConfig> = {}): Promise<TestLibrary> {
  const logs: string[] = []
  let prm: TestLibrary['prm'] | undefined
  const simulator = await simulate({ now: () => prm?.context('mail').now() ?? new Date() })
  prm = await testPrm({
    at: '2026-11-24T15:00:00.000Z',
    store: sqlite({ memory: true }),
    publicUrl: url,
    library: { id: 'alder', name: 'Alder Library', timeZone: 'America/Chicago', locale: 'en', region: 'US' },
    adapters: {
      mail: email({
        from: `Alder Library <${from}>`,
        secret,
        smtp: simulator.credentials,
        unsubscribe: { purposes: ['news'] },
        inlet: { secret: simulator.inletSecret },
        ...config,
      }),
    },
    purposes: {
      pickup: { basis: 'service', class: 'service', media: ['email'] },
      news: { basis: 'service', class: 'promotional', media: ['email'] },
    },
    log: (level, message, data) => void logs.push(JSON.stringify([level, message, data])),
  })
  const host = prm
  return {
    prm: host,
    simulator,
    logs,
    async send(key, text = 'Your hold is ready.', purpose = 'pickup') {
      const content = { text, subject: 'From your library' }
      const decision = await host.send({ to: ada, purpose, content, key })
      await host.settled()
      return decision
    },
    async post(mail) {
      const response = await host.handle(simulator.webhook({ url: `${url}/mail`, ...mail } as never))
      await host.settled()
      return response
    },
    async texts() {
      const texts: string[] = []
      for await (const { type, data } of host.store.scope('alder').find('interaction', { address: ada }))
        if (type === messageReceived.name) texts.push((data as MessageReceived).content.text)
      return texts
    },
    async close() {
      await host.close()
      await simulator.close()
    },
  }
}
