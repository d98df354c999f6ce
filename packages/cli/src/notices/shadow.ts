import type { Decision, Message, Scope } from '@prm/core'
import { noticeFiles, type Row } from '@prm/notice-files'
import type { Printer } from './printer.ts'

export interface Shadow {
  /** Reads what the present vendor reported: its result files, and its mails saved as text. */
  read(): Promise<void>
  onRow(row: Row): void
  /** Remembers whose this decision is. */
  decided(decision: Decision): void
  /** Prints, patron by patron, what we would have sent, what the vendor did, and what to switch off. */
  finish(scope: Scope, placeOf: (key: string) => string): Promise<void>
  /** Something of the vendor's could not be read. */
  flawed(): boolean
}

/** What the vendor says of one notice, or of the number it would go to. */
type Vendor = 'told' | 'failed' | 'silent' | 'unknown'
type Reported = 'opted-out' | 'invalid' | 'not-delivered' | 'call-failed'

interface Options extends Printer {
  readonly paths: readonly string[]
  readonly region: string
  readonly zone: string
  readonly shown: (file: string) => string
}

/** A run beside the present vendor: nothing is sent, and each decision is laid beside what the vendor reported. */
export function shadow({ paths, region, zone, shown, json, line, aside }: Options): Shadow {
  const results = new Map<string, { told: boolean; place: string; used: boolean }>()
  const numbers = new Map<string, Set<Reported>>()
  const sources = new Map<string, Set<string>>()
  const people = new Map<string, string[]>()
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: zone, dateStyle: 'medium', timeStyle: 'short' })
  let bad = 0

  const take = (row: Row): void => {
    const place = `${shown(row.file)}:${row.line}`
    if (row.is === 'result') results.set(row.id, { told: row.outcome === 'SUCCESS', place, used: false })
    else if (row.is === 'report' && row.phone && row.about !== 'count')
      numbers.set(row.phone, (numbers.get(row.phone) ?? new Set()).add(row.about))
    else if (row.is === 'bad') {
      bad++
      aside(`${place}: ${row.why}`)
    } else if (row.is !== 'report') {
      bad++
      aside(`${place}: a ${row.is}, where results and reports of the vendor were expected`)
    }
  }

  /** What the vendor says of the notices of a decision, by the names that the ILS gave them. */
  async function vendorOf({ about }: Decision, scope: Scope): Promise<readonly Vendor[]> {
    const said: Vendor[] = []
    for (const { source, key } of about) {
      const fact = await scope.get('interaction', `${source} ${key}`)
      const origin = fact?.value.origin?.replace(/^\w+:/, '')
      const result = origin === undefined ? undefined : results.get(origin)
      if (result) result.used = true
      said.push(result ? (result.told ? 'told' : 'failed') : origin && results.size > 0 ? 'silent' : 'unknown')
    }
    return said
  }

  return {
    async read() {
      const news = new Set<string>()
      const reports = noticeFiles({
        path: paths,
        region,
        onRow: take,
        onFile({ file, state, why }) {
          if (state === 'read') return
          news.add(file)
          aside(`${shown(file)}: ${why ?? state}`)
        },
      })
      const ctx = { id: 'reports', library: 'library', signal: new AbortController().signal, log: () => {} }
      for await (const _ of reports.feed.pull(null, { ...ctx, now: () => new Date() }));
      bad += news.size
    },
    onRow({ is, layout, ...row }) {
      if (is !== 'notice') return
      const { kind } = row as Extract<Row, { is: 'notice' }>
      sources.set(layout, (sources.get(layout) ?? new Set()).add(kind))
    },
    decided({ key, recipient, patronId }) {
      const who = recipient ?? patronId ?? key
      people.set(who, [...(people.get(who) ?? []), key])
    },
    async finish(scope, placeOf) {
      const counts = { decisions: 0, differ: 0, vendorOnly: 0 }
      for (const [who, keys] of people) {
        const patron = await scope.get('patron', who)
        const card = patron?.value.identities.find(({ scheme }) => scheme === 'ils')?.value
        if (!json) line(card ? `card ${card}` : 'nobody known')
        for (const key of keys) {
          const [decided, sent] = await Promise.all([scope.get('decision', key), scope.get('message', key)])
          if (!decided) continue
          const decision = decided.value
          const about = decision.about.map((ref) => placeOf(ref.key))
          const ours = oursOf(decision, sent?.value)
          const vendor = await vendorOf(decision, scope)
          const reported = [...(numbers.get('to' in ours ? ours.to : '') ?? [])]
          const differs = differences(ours, vendor, reported)
          counts.decisions++
          if (differs.length > 0) counts.differ++
          if (json) line(JSON.stringify({ shadow: { ...(card && { card }), about, ours, vendor, reported, differs } }))
          else {
            const what =
              'to' in ours ? `▸ ${ours.to} ${clock.format(Date.parse(ours.at))} ${ours.text}` : `✗ ${ours.detail}`
            line(`  ${about.join(', ')} ${what}`)
            for (const one of differs) line(`    ≠ ${one}`)
          }
        }
      }
      for (const [id, { place, used }] of results)
        if (!used) {
          counts.vendorOnly++
          if (json) line(JSON.stringify({ shadow: { vendorOnly: { id, place } } }))
          else line(`≠ ${place}: the vendor reports ${id}, of which no notice was read here`)
        }
      if (json) line(JSON.stringify({ beside: counts }))
      else
        line(
          `Beside the vendor: ${counts.decisions} decisions, ${counts.differ} differ; ${counts.vendorOnly} only at the vendor.`,
        )
      const off = [...sources].flatMap(([layout, kinds]) => switchOff(layout, [...kinds]))
      if (json) line(JSON.stringify({ switchOff: off }))
      else if (off.length > 0) line(['Before the first --send, so that nobody is told twice:', ...off].join('\n  '))
    },
    flawed: () => bad > 0,
  }
}

type Ours =
  | {
      readonly to: string
      readonly at: string
      readonly text: string
      readonly units: number
      readonly notices: number
    }
  | { readonly why: string; readonly detail: string; readonly notices: number }

function oursOf({ outcome, reasons, about }: Decision, message: Message | undefined): Ours {
  const notices = about.length
  if (outcome.send)
    return {
      to: outcome.to.value,
      at: outcome.notBefore,
      text: message?.content.text ?? '',
      units: outcome.units,
      notices,
    }
  const detail = reasons.filter(({ verdict }) => verdict === 'reject').map((reason) => reason.detail)
  return { why: outcome.rule, detail: detail.join(' '), notices }
}

/** In words: what a librarian decides on before the vendor is left. */
function differences(ours: Ours, vendor: readonly Vendor[], reported: readonly Reported[]): readonly string[] {
  const count = (one: Vendor): number => vendor.filter((said) => said === one).length
  const told = count('told')
  if (!('to' in ours)) return told > 0 ? [`the vendor told ${told} of ${ours.notices}, we would not: ${ours.why}`] : []
  return [
    ...(reported.includes('opted-out')
      ? ['this number opted out with the vendor: read its mails with the notices, or they are texted again']
      : []),
    ...(reported.includes('invalid') ? ['the vendor calls this number invalid: mend the record'] : []),
    ...(reported.some((one) => one === 'not-delivered' || one === 'call-failed')
      ? ['the vendor could not reach this number by telephone']
      : []),
    ...(count('failed') > 0 ? [`the vendor failed with ${count('failed')} of ${ours.notices}, we would text`] : []),
    ...(count('silent') > 0 ? [`the vendor reports nothing of ${count('silent')} of ${ours.notices}`] : []),
    ...(told > 1 ? [`one text here, ${told} notices at the vendor`] : []),
  ]
}

/** Koha's letters by kind of notice: those that `advance_notices.pl`, `overdue_notices.pl` and circulation write. */
const letters: { readonly [kind: string]: string } = {
  'hold-ready': 'HOLD, HOLDDGST and HOLD_REMINDER',
  'due-soon': 'PREDUE and PREDUEDGST',
  'due-today': 'DUE and DUEDGST',
  overdue: 'ODUE and the other letters of your overdue rules',
}

/** What writes to the same patrons now. The file that is read here has to go on being written. */
function switchOff(layout: string, kinds: readonly string[]): readonly string[] {
  if (layout === 'koha-itiva-outbound')
    return [
      'Koha: keep TalkingTech_itiva_outbound.pl and its file, stop the upload to the vendor.',
      ...kinds.flatMap((kind) => {
        const named = letters[kind]
        return named ? [`Koha, ${kind}: take the transports sms and phone from ${named}.`] : []
      }),
    ]
  if (layout === 'evergreen-notify-csv')
    return [
      'Evergreen: keep the notify-csv events and their file, stop its transfer to the vendor.',
      `Evergreen, ${kinds.join(', ')}: switch off other event definitions for these with the reactor SendSMS or AstCall.`,
    ]
  if (layout === 'polaris-phonenotices')
    return [
      'Polaris: keep the export of PhoneNotices.csv, stop the job that gives it to the telephone vendor.',
      `Polaris, ${kinds.join(', ')}: switch off its own text messages (delivery option 8) for these.`,
    ]
  if (layout.startsWith('shoutbomb'))
    return [`Shoutbomb, ${kinds.join(', ')} (${layout}): keep the export, stop the upload, and tell Shoutbomb the day.`]
  return []
}
