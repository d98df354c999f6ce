import type { Library, Store } from '@prm/core'
import { koha } from '@prm/koha'
import * as library from '@prm/koha/simulator'
import { libanswers } from '@prm/libanswers'
import * as help from '@prm/libanswers/simulator'
import { sqlite } from '@prm/store-sqlite'
import { twilio } from '@prm/twilio'
import * as provider from '@prm/twilio/simulator'
import { type Host, hostOf, springfield } from './host.ts'
import { type Mailbox, mail, mailbox } from './mail.ts'
import { type SignOn, serve, signOn } from './served.ts'

/** Springfield with its Koha, its Twilio, its LibAnswers and its mail server, all on this machine, and a clock that goes when it is told. */
export interface Town extends Host {
  readonly koha: library.KohaSimulator
  readonly sms: provider.TwilioSimulator
  readonly answers: help.LibAnswersSimulator
  readonly mailbox: Mailbox
  readonly store: Store
  readonly signOn: SignOn
  readonly url: string
  now(): Date
  /** Does all that is due, and what the providers report of it. */
  settle(): Promise<void>
  /** Lets time go by, and does all that becomes due meanwhile at its own moment. */
  until(instant: string): Promise<void>
  /** A patron texts the library; what that starts is done. */
  text(from: string, body: string): Promise<void>
  /** Staff answer the last ticket in LibAnswers, which mails it; what that starts is done. */
  answerTicket(text: string): Promise<void>
  /** What went to this phone, oldest first. */
  texts(to: string): readonly string[]
  close(): Promise<void>
}

/** What the simulated Koha's webhook plugin was given. */
const webhook = { clientId: 'koha-springfield', clientSecret: 'simulated' }

export const maria = { patron_id: 1003, phone: '+12125550142', mail: 'maria@mail.example' }

export async function town(options: {
  at: string
  file?: string
  port?: number
  library?: Partial<Library>
}): Promise<Town> {
  let clock = Date.parse(options.at)
  const now = () => new Date(clock)
  const [ils, sms, answers, mails, served] = await Promise.all([
    library.simulate({ now, plugins: ['webhook-notifications'] }),
    provider.simulate({ now }),
    help.simulate({ now }),
    mailbox(),
    serve(options.port),
  ])
  ils.town.holds.clear()
  ils.town.loans.clear()
  const { patron_id, mail: email } = maria
  ils.patron({
    patron_id,
    cardnumber: '23529000010003',
    firstname: 'Maria',
    surname: 'Lopez',
    sms_number: '(212) 555-0142',
    email,
    lang: 'en',
  })
  const { url } = served
  sms.setWebhookUrl(`${url}/sms`)
  const store = sqlite(options.file ? { file: options.file } : { memory: true })
  const signed = signOn()
  const place = { currency: 'USD', timeZone: springfield.timeZone, region: springfield.region }
  const host = hostOf({
    adapters: {
      koha: koha({ ...ils.credentials, ...place, baseUrl: ils.url, webhook }),
      sms: twilio({ ...sms.credentials, baseUrl: sms.url }),
      mail: mail({ port: mails.port, from: 'library@springfield.example' }),
      answers: libanswers({
        ...answers.credentials,
        baseUrl: answers.url,
        timeZone: springfield.timeZone,
        mail: { address: 'desk@springfield.example', seal: 'simulated', secret: 'simulated', endsAt: ['--------'] },
      }),
    },
    library: { ...springfield, ...options.library },
    store,
    publicUrl: url,
    now,
    opac: 'https://catalogue.springfield.example',
    page: signed.page,
  })
  served.answer(host.prm.handle)

  const settle = async (): Promise<string | undefined> => {
    await host.prm.run({ once: true })
    await sms.idle()
    return (await host.prm.run({ once: true })).next
  }
  return {
    ...host,
    koha: ils,
    sms,
    answers,
    mailbox: mails,
    store,
    signOn: signed,
    url,
    now,
    settle: async () => void (await settle()),
    async until(instant) {
      const end = Date.parse(instant)
      for (;;) {
        const next = Date.parse((await settle()) ?? '')
        if (!(next <= end)) break
        clock = Math.max(clock + 1_000, next)
      }
      clock = Math.max(clock, end)
      await settle()
    },
    async text(from, body) {
      await sms.text({ from, body })
      await settle()
    },
    async answerTicket(text) {
      const ticket = answers.tickets.at(-1)?.qid ?? ''
      await host.prm.handle(answers.webhook({ ticket, text, url: `${url}/answers` }))
      await settle()
    },
    texts: (to) => sms.received().flatMap((one) => (one.to?.value === to ? [one.text ?? ''] : [])),
    async close() {
      await host.prm.close()
      await Promise.all([ils.close(), sms.close(), answers.close(), mails.close(), served.close()])
    },
  }
}

/** Koha's own plugin posts the notice too, with a token that it fetched first. */
export async function pluginTells({ koha, prm, url }: Town, hold: number, patron_id: number): Promise<Response> {
  const { clientId, clientSecret } = webhook
  const response = await prm.handle(koha.tokenRequest(`${url}/koha/token`, clientId, clientSecret))
  const { access_token: token } = (await response.json()) as { access_token: string }
  return prm.handle(koha.webhook({ url: `${url}/koha`, token, patron_id, holds: [hold] }))
}
