import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { phone } from '@prm/kit'

export interface Settings {
  readonly paths: readonly string[]
  readonly layout?: string
  readonly name: string
  readonly region: string
  readonly zone: string
  readonly quiet: { readonly from: string; readonly to: string }
  readonly titles: boolean
  readonly voiceAs?: 'sms'
  readonly store?: string
  readonly now?: Date
  readonly only?: readonly string[]
  readonly json: boolean
  readonly send: boolean
  readonly simulate: boolean
  readonly watch: boolean
  /** What the present vendor reported. */
  readonly shadow?: readonly string[]
  /** Since when to ask what had been decided otherwise. */
  readonly since?: string
}

export const usage = `npm start -- FILE|FOLDER…            what would be sent, to whom, and why not; changes nothing
  --send                             send it: needs TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM or
                                     TWILIO_MESSAGING_SERVICE_SID, and takes TWILIO_BASE_URL
  --simulate                         with --send: to a simulator of Twilio on this machine
  --shadow FILE|FOLDER               without --send: lay it beside what your present vendor reported, patron by patron
  --what-if --since 2026-11-01       without files: what would have been decided otherwise since then with other --quiet,
                                     --zone, --name or --titles, from what --store remembers
  --only +12125550142                write to these numbers only, for a first try (more than once, or with commas)
  --watch                            with --send: stay up, look for new files, send when quiet hours end
  --store FILE                       what was told is remembered here (with --send: prm.db)
  --phone [maria|ada]                alone: be that sample patron; each line that you type, or pipe in, is a text of theirs
  --layout NAME                      the layout of the files, such as polaris-phonenotices
  --voice-as sms                     text those who asked for a call
  --titles                           name titles in texts, which others may see on a locked phone
  --name NAME                        the library's name in the texts
  --region US --zone America/Chicago --quiet 21:00-08:00
  --now INSTANT                      decide as if it were this moment
  --json                             one JSON object a line on standard output`

/** Where the command was typed: npm runs scripts in the project's folder. */
export function here(): string {
  return process.env.INIT_CWD ?? process.cwd()
}

/** What the command line says. Throws with what was expected, and where. */
export function settingsOf(args: readonly string[]): Settings {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      layout: { type: 'string' },
      name: { type: 'string', default: 'Your library' },
      region: { type: 'string', default: 'US' },
      zone: { type: 'string', default: 'America/Chicago' },
      quiet: { type: 'string', default: '21:00-08:00' },
      titles: { type: 'boolean', default: false },
      'voice-as': { type: 'string' },
      store: { type: 'string' },
      now: { type: 'string' },
      only: { type: 'string', multiple: true },
      json: { type: 'boolean', default: false },
      send: { type: 'boolean', default: false },
      simulate: { type: 'boolean', default: false },
      watch: { type: 'boolean', default: false },
      shadow: { type: 'string', multiple: true },
      'what-if': { type: 'boolean', default: false },
      since: { type: 'string' },
    },
  })
  const { layout, region, zone, store, now, 'voice-as': voiceAs } = values
  const [, from, to] = /^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(values.quiet) ?? []
  if (!from || !to) throw new Error('--quiet takes two times of day, such as 21:00-08:00.')
  if (voiceAs !== undefined && voiceAs !== 'sms') throw new Error('--voice-as takes sms, and nothing else yet.')
  if (now !== undefined && Number.isNaN(Date.parse(now)))
    throw new Error('--now takes an instant, such as 2026-11-24T10:00:00Z.')
  if (!/^[A-Z]{2}$/.test(region)) throw new Error('--region takes two capital letters, such as US or GB.')
  if (values.simulate && !values.send)
    throw new Error('--simulate goes with --send; without --send nothing is sent at all.')
  if (values.watch && !values.send)
    throw new Error('--watch goes with --send; a look at what would happen ends by itself.')
  if (values.shadow && values.send) throw new Error('--shadow sends nothing: leave --send away.')
  if (values['what-if'] !== (values.since !== undefined) || Number.isNaN(Date.parse(values.since ?? '2000')))
    throw new Error('--what-if goes with --since and a day or an instant, such as 2026-11-01.')
  if (values['what-if'] && (values.send || values.shadow || positionals.length > 0))
    throw new Error('--what-if asks the store: it takes no files, and goes with neither --send nor --shadow.')
  if (positionals.length === 0 && !values['what-if']) throw new Error('Name at least one file or folder.')
  const only = values.only
    ?.flatMap((some) => some.split(','))
    .map((one) => {
      const parsed = phone(one, region)
      if (!('e164' in parsed)) throw new Error(`--only takes telephone numbers such as +12125550142: ${parsed.why}.`)
      return parsed.e164
    })
  return {
    paths: positionals.map((path) => resolve(here(), path)),
    name: values.name,
    region,
    zone,
    quiet: { from, to },
    titles: values.titles,
    json: values.json,
    send: values.send,
    simulate: values.simulate,
    watch: values.watch,
    ...(layout !== undefined && { layout }),
    ...(voiceAs && { voiceAs }),
    ...(store !== undefined && { store: resolve(here(), store) }),
    ...(now !== undefined && { now: new Date(now) }),
    ...(only && { only }),
    ...(values.since !== undefined && { since: new Date(values.since).toISOString() }),
    ...(values.shadow && { shadow: values.shadow.map((path) => resolve(here(), path)) }),
  }
}
