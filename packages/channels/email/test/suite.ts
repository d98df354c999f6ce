import type { Fixtures, Suite } from '@prm/conformance'
import { type EmailSimulator, simulate } from '../simulator/index.ts'
import { type Email, type EmailConfig, email } from '../src/index.ts'

export const password = 'correct horse battery staple'
const secret = 'a long random text that seals all names'
export const inletSecret = 'signs what is posted to the inlet'
export const from = 'Alder Library <notices@alder.example>'
export const config = (simulator: EmailSimulator | undefined): EmailConfig => ({
  from,
  secret,
  smtp: simulator?.credentials ?? { host: '127.0.0.1', port: 2525, user: 'library', password },
  unsubscribe: { purposes: '*' },
  inlet: { secret: inletSecret },
})
export const fixtures: Fixtures & Required<Pick<Fixtures, 'known' | 'text'>> = {
  known: { scheme: 'mailto', value: 'ada.pine@patron.example' },
  unknown: { scheme: 'mailto', value: 'nobody@patron.invalid' },
  text: 'Ada Pine, “The Tall Ship” waits at the desk.',
  forbidden: [password, secret, inletSecret, 'Ada Pine', 'The Tall Ship', 'ada.pine@patron.example'],
}

/** By an inlet. By a mailbox it is checked where there is a mail server: conformance.test.ts. */
export const suites: { readonly email: Suite<EmailSimulator> } = {
  email: {
    make: (simulator) => email(config(simulator)),
    simulate: () => simulate({ password, inletSecret }),
    fixtures,
  },
}

/** With all that some set-ups have, for the table of what adapters offer. @public */
export const offers = (): Email =>
  email({ ...config(undefined), imap: { host: '127.0.0.1', port: 1143, user: 'library', password } })
