import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Suite } from '@prm/conformance'
import { type LibAnswersSimulator, simulate } from '../simulator/index.ts'
import { type LibAnswers, type LibAnswersConfig, libanswers } from '../src/index.ts'
import { mailboxFor } from '../src/webhook.ts'

const secrets = { clientSecret: '0f512bda64d6ec1e', mailSecret: 'whs-93ab77e01c2d', seal: 'c4b1d0e97a2f4d55' }
const mail = { address: 'desk@alder.example', secret: secrets.mailSecret, seal: secrets.seal }
const config = {
  baseUrl: 'https://answers.alder.example',
  clientId: '413APP-001',
  clientSecret: secrets.clientSecret,
  timeZone: 'America/Chicago',
  iid: '812',
  queue: '2417',
  mail,
} satisfies LibAnswersConfig

const statistics = { dataset: '77', since: '2026-08-01' }
const patron = 'ada@patron.example'

async function simulated(): Promise<LibAnswersSimulator> {
  const simulator = await simulate({ ...secrets, clientId: config.clientId })
  for (const [n, created] of ['2026-08-03 10:05:00', '2026-09-15 17:40:00', '2026-11-23 09:00:00'].entries())
    simulator.tally({
      created,
      question: `Where is room ${n}?`,
      owner: 'sam@alder.example',
      custom_fields: [
        { field_id: 301, field_label: 'READ', field_answer: '2' },
        { field_id: 302, field_label: 'Shelf', field_answer: 'QA' },
      ],
    })
  return simulator
}

let made: string | undefined
/** Two exports that overlap. */
function folder(): string {
  if (made !== undefined) return made

  const path = mkdtempSync(join(tmpdir(), 'prm-libanswers-'))
  made = path
  process.once('exit', () => rmSync(path, { recursive: true, force: true }))
  const header = 'Chat ID,Timestamp,Department,Answerer,Duration (seconds),Initial Question,Transcript\n'
  const row = (id: number) =>
    `${id},2026-0${1 + (id % 9)}-14 10:05:00,Reference,Sam,60,Where is desk ${id}?,"10:05:09 - Sam : There."\n`
  writeFileSync(join(path, 'chats-1.csv'), header + [1, 2, 3].map(row).join(''))
  writeFileSync(join(path, 'chats-2.csv'), header + [3, 4].map(row).join(''))
  return path
}

const make = (simulator: LibAnswersSimulator | undefined, more: Partial<LibAnswersConfig>): LibAnswers =>
  libanswers({ ...config, ...(simulator && { baseUrl: simulator.url }), ...more })

export const suites: { readonly [name: string]: Suite<LibAnswersSimulator> } = {
  'libanswers (exports)': {
    // Nobody answers there: exports need no server, and the checks of one that is not there are to end.
    make: (simulator) => make(simulator, { baseUrl: 'http://127.0.0.1:9', exports: [{ of: 'chats', path: folder() }] }),
    fixtures: { known: { scheme: 'ticket', value: patron }, forbidden: Object.values(secrets) },
  },
  libanswers: {
    make: (simulator) => make(simulator, { statistics, changes: true }),
    simulate: simulated,
    fixtures: {
      known: { scheme: 'ticket', value: patron },
      unknown: { scheme: 'ticket', realm: '999', value: patron },
      text: 'Ada Pine asks: may my wife collect “The Tall Ship”?',
      events: [
        { to: await mailboxFor(mail, 'Zx0YwVuTsRqPoNmLkJiHgF.3'), text: 'Yes, with your card.' },
        { to: await mailboxFor(mail, 'Zx0YwVuTsRqPoNmLkJiHgF.3'), text: 'We got it.', automatic: true },
      ],
      pages: {
        count: 44,
        known: 'faq 1000',
        words: 'renew',
        since: '2026-11-01T00:00:00.000Z',
        changed: ['faq 1000'],
      },
      forbidden: [...Object.values(secrets), 'Ada Pine', 'The Tall Ship', patron],
    },
    live: (env) => ({
      make: () =>
        libanswers({
          ...config,
          baseUrl: env('LIBANSWERS_URL'),
          clientId: env('LIBANSWERS_CLIENT_ID'),
          clientSecret: env('LIBANSWERS_CLIENT_SECRET'),
          queue: env('LIBANSWERS_QUEUE'),
          timeZone: env('LIBANSWERS_ZONE'),
        }),
      fixtures: {
        known: { scheme: 'ticket', value: env('LIBANSWERS_TO') },
        forbidden: [env('LIBANSWERS_CLIENT_SECRET'), secrets.mailSecret, secrets.seal],
      },
    }),
  },
}
