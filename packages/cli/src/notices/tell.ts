import { existsSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type Library, PrmError, type Store } from '@prm/core'
import { noticeFiles } from '@prm/notice-files'
import { copyOf, sqlite } from '@prm/store-sqlite'
import { type Twilio, twilio } from '@prm/twilio'
import { simulate } from '@prm/twilio/simulator'
import type { Stopped } from '../signals.ts'
import { here, type Settings, settingsOf, type Typed } from './args.ts'
import { type Host, hostOf } from './host.ts'
import { everyProblem, problemsOf } from './problems.ts'
import { type Report, reporter, type Summary } from './report.ts'
import { shadow } from './shadow.ts'
import { compare } from './what-if.ts'

const aside = (text: string): void => void process.stderr.write(`${text}\n`)
const line = (text: string): void => void process.stdout.write(`${text}\n`)

/** What was cut off is looked up with the provider after a lease and a settling time: short enough to stay for. */
const stayMs = 150_000

/** Reads notice files, decides, and sends or only says what would be sent. Answers the exit code. */
export async function notices(paths: readonly string[], typed: Typed, signal: AbortSignal): Promise<number> {
  try {
    const code = await tell(settingsOf(paths, typed), signal)
    if (!signal.aborted) return code
    const { exit } = signal.reason as Stopped
    return typed.watch && exit === 143 ? code : exit // SIGTERM is how a service ends
  } catch (error) {
    signal.throwIfAborted()
    aside(error instanceof Error ? error.message : String(error))
    if (typed.json) line(JSON.stringify({ summary: reporter({ json: true, line, aside }).summary(0) }))
    if (!PrmError.is(error)) aside('\nprm notices --help lists what there is.')
    return 2
  }
}

async function tell(settings: Settings, signal: AbortSignal): Promise<number> {
  const { name, zone, region, quiet, titles, paths, layout, voiceAs, only, json, send } = settings
  const beside = settings.shadow && shadow({ paths: settings.shadow, region, zone, shown, json, line, aside })
  await beside?.read()
  const { sms, close } = await provider(settings)
  const store = await storeOf(settings)
  const library: Library = {
    id: 'library',
    name,
    timeZone: zone,
    locale: 'en',
    region,
    quietHours: quiet,
    showTitles: titles ? 'everywhere' : 'private-channels',
  }
  if (settings.since) {
    const notices = noticeFiles({ path: '.', region })
    try {
      await compare({ library, store, since: settings.since, adapters: { notices, sms } }, { json, line, aside })
    } finally {
      await store.close()
    }
    return 0
  }
  const now = settings.now && clockFrom(settings.now, settings.watch)
  const problems = send
    ? await problemsOf(store.scope(library.id), () => (now?.() ?? new Date()).getTime())
    : everyProblem
  const report = reporter({ json, line, aside, problems, ...(beside && { shadow: beside }) })
  const host = hostOf({
    library,
    store,
    adapters: {
      notices: noticeFiles({
        path: paths,
        region,
        onRow: (row) => report.onRow({ ...row, file: shown(row.file) }),
        onFile: (news) => report.onFile({ ...news, file: shown(news.file) }),
        ...(layout && { layout }),
        ...(voiceAs && { voiceAs }),
      }),
      sms,
    },
    ...(now && { now }),
    ...(only && { allowlist: only }),
    // What the files have to say comes by onRow and onFile.
    log: (level, message, { adapter }) => {
      if (level !== 'debug' && adapter !== 'notices') aside(message)
    },
  })
  report.listen(host)
  if (!send) aside(`Dry run: nothing is sent or stored. Quiet hours ${quiet.from}–${quiet.to} ${zone}.`)
  try {
    const { waiting, next } = settings.watch
      ? await watch(host, signal, () => report.finish(store.scope(library.id)))
      : await once(host, signal, settings, report)
    await report.finish(store.scope(library.id))
    await problems.save()
    if (json || (report.found() && (send || !report.nothing()))) conclude(settings, report, waiting, next)
    if (!report.found()) aside(`No notice files found in ${paths.map(shown).join(', ')}.`)
  } finally {
    await host.close()
    await close()
  }
  if (report.nothing() || (!report.found() && !settings.watch)) return 2
  return report.flawed() ? 1 : 0
}

/** A file as it was named on the command line, or as it is reached from there. */
function shown(file: string): string {
  const near = relative(here(), file)
  return near.startsWith('..') ? file : near
}

/** The moment that --now names: it stands still, but for --watch, which could wait for nothing. */
function clockFrom(moment: Date, ticks: boolean): () => Date {
  const started = Date.now()
  return () => (ticks ? new Date(moment.getTime() + Date.now() - started) : moment)
}

interface Standing {
  readonly waiting: number
  readonly next?: string
}

async function once(host: Host, signal: AbortSignal, { send, now }: Settings, report: Report): Promise<Standing> {
  let standing = await host.run({ once: true, deliver: send, signal })
  const until = Date.now() + stayMs
  while (!signal.aborted && send && !now && !report.nothing() && standing.next && Date.parse(standing.next) < until) {
    const wait = Date.parse(standing.next) - Date.now()
    aside(`${standing.waiting} wait for a moment: a limit of the provider, or an earlier run that was cut off.`)
    await setTimeout(Math.max(wait, 250), undefined, { signal })
    standing = await host.run({ once: true, deliver: send, signal })
  }
  return standing
}

/** Stays up until somebody stops it, and prints what was decided meanwhile; what is under way is finished. */
async function watch(host: Host, signal: AbortSignal, print: () => Promise<void>): Promise<Standing> {
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])
  const printing = (async () => {
    while (!either.aborted) {
      await print().catch((error: unknown) => aside(`Not printed: ${error instanceof Error ? error.message : error}`))
      await setTimeout(2_000, undefined, { signal: either }).catch(() => undefined)
    }
  })()
  try {
    return await host.run({ signal })
  } finally {
    stop.abort()
    await printing
  }
}

function conclude({ json, send, zone }: Settings, report: Report, waiting: number, next: string | undefined): void {
  const summary = report.summary(waiting)
  if (json) {
    line(JSON.stringify({ summary }))
    return
  }
  const { rows, told, bad, sent, notSent } = summary
  const against = Object.entries(notSent).map(([rule, count]) => `${count} ${rule}`)
  line(
    `${rows} rows: ${told} already sent, ${bad} invalid. ${send ? `${sent} sent.` : `${waiting} to send.`}${against.length > 0 ? ` Not sent: ${against.join(', ')}.` : ''}`,
  )
  if (send && sent === 0 && waiting === 0) line(nothingSent(summary))
  if (send && waiting > 0 && next) {
    const time = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(
      Date.parse(next),
    )
    line(`${waiting} wait until ${time}: run again or keep running with --watch`)
  }
}

/** Why a run sent nothing. */
function nothingSent({ notice, told }: Summary): string {
  if (notice + told === 0) return 'The files hold no notices.'
  if (told === 0) return 'Nothing to send: no notice here can be sent.'
  return 'Nothing to send: every notice that can be sent was already sent.'
}

/** Without --send a throw-away copy: the same work is done on it as would be done, but the sending. */
function storeOf({ send, simulate, store }: Settings): Promise<Store> | Store {
  const file = store ?? (simulate ? undefined : resolve(here(), 'prm.db'))
  if (!send) return copyOf(file ?? '')
  if (!store && file && !existsSync(file)) aside(`Sent notices are remembered in ${file}.`)
  return sqlite(file ? { file } : { memory: true })
}

/** The provider of the environment; its simulator with --simulate; and for a look, whose texts are only measured, none. */
async function provider({ send, simulate: simulated }: Settings): Promise<{ sms: Twilio; close(): Promise<void> }> {
  if (simulated) {
    const simulator = await simulate()
    return { sms: twilio({ ...simulator.credentials, baseUrl: simulator.url }), close: () => simulator.close() }
  }
  const close = (): Promise<void> => Promise.resolve()
  if (!send)
    return { sms: twilio({ accountSid: `AC${'0'.repeat(32)}`, authToken: 'not used', from: '+12125550100' }), close }
  const { TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM, TWILIO_MESSAGING_SERVICE_SID, TWILIO_BASE_URL } =
    process.env
  if (!TWILIO_ACCOUNT_SID || !TWILIO_AUTH_TOKEN || !(TWILIO_FROM || TWILIO_MESSAGING_SERVICE_SID))
    throw new PrmError(
      'config',
      '--send needs TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, and TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID in the environment. To try it without an account, add --simulate.',
    )
  const sender = TWILIO_MESSAGING_SERVICE_SID
    ? { messagingServiceSid: TWILIO_MESSAGING_SERVICE_SID }
    : { from: TWILIO_FROM as string }
  const sms = twilio({
    accountSid: TWILIO_ACCOUNT_SID,
    authToken: TWILIO_AUTH_TOKEN,
    ...sender,
    ...(TWILIO_BASE_URL && { baseUrl: TWILIO_BASE_URL }),
  })
  await refuseCredentials(sms)
  return { sms, close }
}

/** Wrong credentials are told before anything is decided, and what waits is not held back by them. */
async function refuseCredentials(sms: Twilio): Promise<void> {
  const signal = new AbortController().signal
  const findings = await sms.check({ id: 'sms', library: 'library', signal, now: () => new Date(), log: () => {} })
  const wrong = findings.find(({ ok, hint }) => ok === false && hint?.includes('authToken'))
  if (wrong)
    throw new PrmError(
      'auth',
      `${wrong.detail} Compare TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN with the Twilio Console.`,
    )
}
