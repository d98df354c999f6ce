import { type Address, type CheckResult, PrmError } from '@prm/core'
import { koha } from '@prm/koha'
import { sqlite } from '@prm/store-sqlite'
import { twilio } from '@prm/twilio'
import { type Host, hostOf, springfield } from '../springfield/host.ts'
import { mail, mailbox } from '../springfield/mail.ts'
import { serve, signOn } from '../springfield/served.ts'

/** All of them, or none: half a set would write to real patrons from a library that is made up, or the other way round. */
const needed = [
  'KOHA_BASE_URL',
  'KOHA_CLIENT_ID',
  'KOHA_CLIENT_SECRET',
  'KOHA_CARD',
  'TWILIO_ACCOUNT_SID',
  'TWILIO_AUTH_TOKEN',
  'TWILIO_FROM',
  'PRM_URL',
] as const
type Own = { readonly [K in (typeof needed)[number]]: string }

/** The settings of a library's own Koha and Twilio; nothing where there are none. Throws `config` naming what is missing. */
export function ownOf(env: NodeJS.ProcessEnv): Own | undefined {
  const missing = needed.filter((name) => !env[name])
  if (missing.length === needed.length) return undefined
  if (missing.length > 0) {
    const given = needed.filter((name) => env[name])
    throw new PrmError(
      'config',
      `With your own Koha and Twilio all of ${needed.join(', ')} are needed: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing. Without any of them (now set: ${given.join(', ')}) both are simulated.`,
    )
  }
  if (!URL.canParse(env.PRM_URL as string))
    throw new PrmError(
      'config',
      'PRM_URL must be the URL that Twilio reaches, such as https://prm.library.example/prm.',
    )
  return Object.fromEntries(needed.map((name) => [name, env[name] as string])) as Own
}

export interface OwnLibrary {
  readonly host: Host
  readonly card: Address
  readonly timeZone: string
  /** What a person needs to know to begin. */
  readonly words: readonly string[]
  close(): Promise<void>
}

/** A host on a library's own Koha and Twilio that writes to one patron and to nobody else; mails stay on this machine. */
export async function ownLibrary(own: Own, env: NodeJS.ProcessEnv, file: string): Promise<OwnLibrary> {
  const [zone, region] = [env.LIBRARY_ZONE ?? springfield.timeZone, env.LIBRARY_REGION ?? springfield.region]
  const ils = koha({
    baseUrl: own.KOHA_BASE_URL,
    clientId: own.KOHA_CLIENT_ID,
    clientSecret: own.KOHA_CLIENT_SECRET,
    currency: env.LIBRARY_CURRENCY ?? 'USD',
    timeZone: zone,
    region,
  })
  const sms = twilio({
    accountSid: own.TWILIO_ACCOUNT_SID,
    authToken: own.TWILIO_AUTH_TOKEN,
    from: own.TWILIO_FROM,
    ...(env.TWILIO_BASE_URL && { baseUrl: env.TWILIO_BASE_URL }),
  })
  const ctx = { library: 'springfield', signal: AbortSignal.timeout(60_000), now: () => new Date(), log: () => {} }
  const asked = (await ils.check({ ...ctx, id: 'koha' })).filter(({ what }) => /find|loans|holds/.test(what))
  refuse('Koha', asked, ({ ok }) => ok !== true)
  refuse('Twilio', await sms.check({ ...ctx, id: 'sms' }), ({ ok }) => ok === false)
  const card = { scheme: 'ils', realm: 'koha/card', value: own.KOHA_CARD }
  const [patron, ...others] = await ils.directory.find(card, { ...ctx, id: 'koha' })
  if (!patron || others.length > 0)
    throw new PrmError(
      'config',
      `KOHA_CARD: Koha knows ${patron ? 'several patrons' : 'no patron'} of this card number.`,
    )
  const only = patron.identities.filter(({ scheme }) => scheme !== 'ils').map(({ value }) => value)
  if (only.length === 0)
    throw new PrmError('config', 'KOHA_CARD: this patron has neither phone nor e-mail address in Koha.')

  const [mails, served, signed] = [await mailbox(), await serve(Number(env.PORT ?? 8080)), signOn()]
  const host = hostOf({
    adapters: { koha: ils, sms, mail: mail({ port: mails.port, from: 'library@springfield.example' }) },
    library: { ...springfield, timeZone: zone, region, branches: [] },
    store: sqlite({ file }),
    publicUrl: own.PRM_URL,
    opac: env.OPAC_URL ?? own.KOHA_BASE_URL,
    allowlist: only,
    page: signed.page,
  })
  served.answer(host.prm.handle)
  return {
    host,
    card,
    timeZone: zone,
    words: [
      `Only the patron of KOHA_CARD is written to, and mails stay on this machine. It ends with Ctrl-C; ${file} is removed then.`,
      `Let ${own.PRM_URL} reach ${served.url}, and Twilio post texts to ${own.PRM_URL.replace(/\/$/, '')}/sms.`,
      `The page: ${served.url}/inbox/ or ${own.PRM_URL.replace(/\/$/, '')}/inbox/, with any name and the password ${signed.password}`,
    ],
    async close() {
      await host.prm.close()
      await Promise.all([mails.close(), served.close()])
    },
  }
}

function refuse(whose: string, findings: readonly CheckResult[], bad: (one: CheckResult) => boolean): void {
  const wrong = findings.filter(bad).map(({ what, detail, hint = '' }) => `${what}: ${detail} ${hint}`.trim())
  if (wrong.length > 0) throw new PrmError('config', `Your ${whose} refuses: ${wrong.join('; ')}`)
}
