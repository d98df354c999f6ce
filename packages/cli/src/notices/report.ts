import type { Decision, Message, Scope } from '@prm/core'
import type { FileNews, Row } from '@prm/notice-files'
import { type Host, keyOf } from './host.ts'
import type { Printer } from './printer.ts'
import { everyProblem, type Problems } from './problems.ts'
import type { Shadow } from './shadow.ts'

export interface Summary {
  readonly rows: number
  readonly notice: number
  readonly contact: number
  readonly result: number
  readonly report: number
  readonly told: number
  readonly bad: number
  readonly decisions: number
  readonly sent: number
  readonly waiting: number
  readonly notSent: { readonly [rule: string]: number }
}

/** Hears what the files, the decisions and the provider say, counts it and prints it. */
export interface Report {
  onRow(row: Row): void
  onFile(news: FileNews): void
  listen(host: Host): void
  /** What could be printed only when all was decided. */
  finish(scope: Scope): Promise<void>
  summary(waiting: number): Summary
  /** Something could not be read and is reported by this run, which ends with 1. */
  flawed(): boolean
  /** There was a file that could be read, or that can be in a moment. */
  found(): boolean
  /** Not a single file could be read, or the provider takes nothing from us: nothing could be run. */
  nothing(): boolean
}

/** Something there was not read; the other news are only worth telling. */
const unread: ReadonlySet<FileNews['state']> = new Set(['refused', 'deeper'])

type NoticeRow = Extract<Row, { is: 'notice' }>

/** A row is printed once its batch is stored, since only then it is known whether it was told before. */
export function reporter({
  json,
  line,
  aside,
  shadow,
  problems = everyProblem,
}: Printer & { readonly shadow?: Shadow; readonly problems?: Problems }): Report {
  const counts = { notice: 0, contact: 0, result: 0, report: 0, told: 0, bad: 0, decisions: 0, sent: 0 }
  const files = { read: 0, left: 0, refused: 0 }
  let paused = false
  let flawed = false
  let listMissing = false
  const notSent: Record<string, number> = {}
  /** Rows of the batch at hand, by key. */
  const pending = new Map<string, NoticeRow[]>()
  /** Rows that repeat one which is not decided yet. */
  const open: NoticeRow[] = []
  /** The rows of this run; people read its decisions at the end, in their order. */
  const rows = places()
  const handed = new Set<string>()

  const put = (value: object): void => {
    if (json) line(JSON.stringify(value))
  }
  const print = (row: NoticeRow, told: boolean): void => {
    counts[told ? 'told' : 'notice']++
    const { is: _, phoneProblem: __, ...rest } = row
    put({ row: { ...rest, ...(told && { told }) } })
    if (!told) rows.add(row)
  }
  const take = (key: string): NoticeRow | undefined => {
    const rows = pending.get(key)
    const row = rows?.shift()
    if (rows?.length === 0) pending.delete(key)
    return row
  }
  const refuse = (rule: string): void => {
    notSent[rule] = (notSent[rule] ?? 0) + 1
  }
  const complain = (text: string): boolean => {
    const now = problems.report(text)
    if (now) aside(text)
    return now
  }
  const settled = (message: Message): void => {
    const { key, to, units, state, providerId } = message
    if (handed.has(key)) return
    if (providerId) {
      handed.add(key)
      counts.sent++
      put({ message: { key, to, units, state } })
    } else refuse(ruleOf(message))
  }

  return {
    onRow(row) {
      const { is, ...rest } = row
      shadow?.onRow(row)
      if (is === 'notice') return void pending.set(row.key, [...(pending.get(row.key) ?? []), row])
      counts[is]++
      if (is === 'bad' && complain(`${row.file}:${row.line}: ${row.why}`)) flawed = true
      put({ [is]: rest })
    },
    onFile({ file, state, why }) {
      if (state === 'read') files.read++
      else if (state === 'left') files.left++
      else if (unread.has(state)) files.refused++
      if (state === 'read') return
      if (!complain(`${file}: ${why ?? state}${state === 'left' ? '; run again in a moment' : ''}`)) return
      if (state === 'left' || unread.has(state)) flawed = true
      if (state === 'missing-list') listMissing = true
    },
    listen(host) {
      host.on('recorded', (fact) => {
        const row = take(fact.key)
        if (row) print(row, false)
      })
      host.on('duplicate', ({ interaction, status }) => {
        const row = take(interaction.key)
        if (!row) return
        if (status === 'sent') print(row, true)
        // The first row of a key is decided in this run; one that repeats it is told if that one is.
        else if (rows.has(row.key)) open.push(row)
        else print(row, false)
      })
      host.on('decided', (decision) => {
        counts.decisions++
        if (!decision.outcome.send) refuse(decision.outcome.rule)
        if (json) put({ decision })
        if (!json || shadow) rows.decided(decision.about[0]?.key)
      })
      host.on('message', settled)
      host.on('jobFailed', ({ job, error }) => aside(`${job.name}: ${error.code}: ${error.message}`))
      host.on('adapter', ({ id, state, reason }) => {
        paused ||= state === 'paused'
        aside(`${id}: ${state}${reason ? `: ${reason}` : ''}`)
      })
    },
    async finish(scope) {
      for (const row of open.splice(0)) {
        const about = { source: 'notices', key: row.key }
        let told = false
        for await (const decision of scope.find('decision', { about })) told ||= decision.outcome.send
        print(row, told)
      }
      for (const key of rows.takeDecided()) {
        const name = keyOf('notices', key)
        const [decision, message] = await Promise.all([scope.get('decision', name), scope.get('message', name)])
        if (!decision) continue
        if (shadow) shadow.decided(decision.value)
        else line(inWords(decision.value, message?.value, rows))
      }
      await shadow?.finish(scope, rows.words)
    },
    summary(waiting) {
      const { notice, contact, result, report, told, bad, decisions, sent } = counts
      const rows = notice + contact + result + report + told + bad
      return { rows, notice, contact, result, report, told, bad, decisions, sent, waiting, notSent }
    },
    // A list that an earlier run has read is not missed: its numbers are known.
    flawed: () => shadow?.flawed() || flawed || (listMissing && (notSent.address ?? 0) > 0),
    found: () => files.read + files.left > 0,
    nothing: () => (files.read + files.left === 0 && files.refused > 0) || (paused && counts.sent === 0),
  }
}

/** Why a message that was decided to go did not: in the words of decisions. */
function ruleOf({ state, attempts }: Message): string {
  const last = attempts.at(-1)?.outcome ?? ''
  if (state === 'expired') return 'deadline'
  if (state === 'undelivered' || /no such address/.test(last)) return 'address'
  if (/^blocked|asked to stop|could not be reached|complained/.test(last)) return 'suppressed'
  return state
}

/**
 * Where each fact stands, and whether it heads a decision, small enough for a file of 300,000 rows: one number each, of
 * the file's number and the line, negative once it is decided.
 */
interface Places {
  add(row: NoticeRow): void
  has(key: string): boolean
  decided(key: string | undefined): void
  /** The keys that were decided, in the order of their rows, each once. */
  takeDecided(): Iterable<string>
  /** `holds.txt:12` */
  words(key: string): string
}

function places(): Places {
  const mostFiles = 1_000
  const files: string[] = []
  const at = new Map<string, number>()
  return {
    add({ key, file, line }) {
      if (files.at(-1) !== file) files.push(file)
      // A copy: a key is pieced together of slices of the file's text, and would keep all of that in memory.
      at.set(Buffer.from(key).toString(), line * mostFiles + ((files.length - 1) % mostFiles))
    },
    has: (key) => at.has(key),
    decided(key = '') {
      const place = at.get(key)
      if (place !== undefined) at.set(key, -Math.abs(place))
    },
    *takeDecided() {
      for (const [key, place] of at) {
        if (place >= 0) continue
        at.set(key, -place)
        yield key
      }
    },
    words(key) {
      const place = Math.abs(at.get(key) ?? Number.NaN)
      return Number.isNaN(place) ? '' : `${files[place % mostFiles]}:${Math.floor(place / mostFiles)}`
    },
  }
}

/** `▸ +12125550142 the text`, or `✗ holds.txt:12 not told: why`. */
function inWords({ outcome, reasons, about }: Decision, message: Message | undefined, places: Places): string {
  const where = about.map(({ key }) => places.words(key)).join(', ')
  if (!outcome.send) {
    const why = reasons.filter((reason) => reason.verdict === 'reject').map((reason) => reason.detail)
    return `✗ ${where} not told: ${why.join(' ')}`
  }
  const wait = reasons.find((reason) => reason.verdict === 'defer')
  const text = `▸ ${outcome.to.value} ${message?.content.text ?? ''}`
  return wait && message?.state === 'planned' ? `${text} (${wait.detail})` : text
}
