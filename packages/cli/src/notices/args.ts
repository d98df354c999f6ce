import { resolve } from 'node:path'
import { phone } from '@prm/kit'
import { layoutNames } from '@prm/notice-files'
import { didYouMean } from '../nearest.ts'

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

/** Where the command was typed: npm runs scripts in the project's folder. */
export function here(): string {
  return process.env.INIT_CWD ?? process.cwd()
}

/** The options as they were typed. */
export interface Typed {
  readonly layout?: string
  readonly name: string
  readonly region: string
  readonly zone: string
  readonly quiet: string
  readonly titles?: boolean
  readonly voiceAs?: string
  readonly store?: string
  readonly now?: string
  readonly only?: readonly string[]
  readonly json?: boolean
  readonly send?: boolean
  readonly simulate?: boolean
  readonly watch?: boolean
  readonly shadow?: readonly string[]
  readonly whatIf?: boolean
  readonly since?: string
}

/** Names that an adapter would refuse too, but by the name of its own setting. */
function checkNames({ layout, region, zone }: Typed): void {
  if (layout !== undefined && !layoutNames.includes(layout))
    throw new Error(
      `--layout takes a layout that the README of @prm/notice-files lists, such as polaris-phonenotices.${didYouMean(layout, layoutNames)}`,
    )
  if (!isZone(zone))
    throw new Error(
      `--zone takes an IANA time zone such as America/Chicago.${didYouMean(zone, Intl.supportedValuesOf('timeZone'))}`,
    )
  if (!isSupportedCountry(region))
    throw new Error('--region takes a country of ISO 3166 in two capital letters, such as US or GB.')
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== ''
  } catch {
    return false
  }
}

function isSupportedCountry(region: string): boolean {
  try {
    phone('1', region)
    return true
  } catch {
    return false
  }
}

/** What the command line says. Throws with what was expected, and where. */
export function settingsOf(paths: readonly string[], values: Typed): Settings {
  const { layout, region, zone, store, now, voiceAs, whatIf = false } = values
  const [, from, to] = /^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(values.quiet) ?? []
  if (!from || !to) throw new Error('--quiet takes two times of day, such as 21:00-08:00.')
  if (voiceAs !== undefined && voiceAs !== 'sms') throw new Error('--voice-as takes sms, and nothing else yet.')
  if (now !== undefined && Number.isNaN(Date.parse(now)))
    throw new Error('--now takes an instant, such as 2026-11-24T10:00:00Z.')
  checkNames(values)
  if (values.simulate && !values.send)
    throw new Error('--simulate goes with --send; without --send nothing is sent at all.')
  if (values.watch && !values.send)
    throw new Error('--watch goes with --send; a look at what would happen ends by itself.')
  if (values.shadow && values.send) throw new Error('--shadow sends nothing: leave --send away.')
  if (whatIf !== (values.since !== undefined) || Number.isNaN(Date.parse(values.since ?? '2000')))
    throw new Error('--what-if goes with --since and a day or an instant, such as 2026-11-01.')
  if (whatIf && (values.send || values.shadow || paths.length > 0))
    throw new Error('--what-if asks the store: it takes no files, and goes with neither --send nor --shadow.')
  if (paths.length === 0 && !whatIf) throw new Error('Name at least one file or folder.')
  const only = values.only
    ?.flatMap((some) => some.split(','))
    .map((one) => {
      const parsed = phone(one, region)
      if (!('e164' in parsed)) throw new Error(`--only takes telephone numbers such as +12125550142: ${parsed.why}.`)
      return parsed.e164
    })
  return {
    paths: paths.map((path) => resolve(here(), path)),
    name: values.name,
    region,
    zone,
    quiet: { from, to },
    titles: values.titles === true,
    json: values.json === true,
    send: values.send === true,
    simulate: values.simulate === true,
    watch: values.watch === true,
    ...(layout !== undefined && { layout }),
    ...(voiceAs && { voiceAs }),
    ...(store !== undefined && { store: resolve(here(), store) }),
    ...(now !== undefined && { now: new Date(now) }),
    ...(only && { only }),
    ...(values.since !== undefined && { since: new Date(values.since).toISOString() }),
    ...(values.shadow && { shadow: values.shadow.map((path) => resolve(here(), path)) }),
  }
}
