import { isUtf8 } from 'node:buffer'
import { existsSync, readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { PrmError } from '@prm/core'
import {
  type Audience,
  columnOf,
  csv,
  type Filter,
  ndjson,
  type OnProgress,
  type Outreach,
  outreach,
  patrons,
  type Template,
} from '@prm/outreach'
import type { Command } from 'commander'
import { timeIn, timesIn } from './clock.ts'
import { act, examples, login, type Shared, type Shell, withOne } from './command.ts'
import type { AnyPrm } from './config.ts'
import {
  badInWords,
  counted,
  money,
  nextInWords,
  nobodyInWords,
  personInWords,
  planInWords,
  plannerInWords,
  repeatsInWords,
  samplesInWords,
  stateInWords,
  stopInWords,
  summaryInWords,
} from './messages.ts'
import { waitInWords, waiting } from './queue.ts'
import type { Progress, Terminal } from './terminal.ts'

/** `outreach …`: one message to many, as a plan that two people read before anything is sent. */
export function bulk(program: Command, shell: Shell): void {
  const group = program
    .command('outreach')
    .summary('one message to many: plan, approve, run, report')
    .description(
      'Writes to many in four steps. plan makes a file: who gets what, when, at what cost, and who does not and why. A second person reads it and approves it. run sends it, and goes on where it was if it was stopped or killed. report says what became of it.',
    )
  examples(
    group,
    [
      `prm outreach plan --audience patrons.csv --text 'Hello {{ name }}' --purpose news --via sms --out may.plan`,
      'nothing is sent',
    ],
    ['prm outreach show may.plan', 'counts, cost, samples, and what to mend'],
    ['prm outreach approve may.plan --by ann', 'by somebody else than the planner'],
    ['prm outreach run may.plan', 'sends; Ctrl-C stops it, and the same line goes on'],
    ['prm outreach report may.plan', 'what became of it'],
  )
  plan(group, shell)
  show(group, shell)
  approve(group, shell)
  run(group, shell)
  for (const verb of ['pause', 'resume', 'stop'] as const) change(group, shell, verb)
  report(group, shell)
  health(group, shell)
}

/** Opens the library, and the bulk messages over it. What is refused is said in terms of this command line. */
function withOutreach<R>(
  shell: Shell,
  options: Shared,
  name: string,
  work: (bulk: Outreach, prm: AnyPrm, zone: string) => Promise<R>,
): Promise<R> {
  return withOne(shell, options, async (prm, opened) => {
    const { library, store } = prm.options
    const { key } = opened.config.outreach ?? {}
    try {
      return await work(outreach({ prm, library, store, ...(key !== undefined && { key }) }), prm, library.timeZone)
    } catch (error) {
      if (!PrmError.is(error)) throw error
      const { code, field, message } = error
      const said = timesIn(library.timeZone, inOptions(message, field, name))
      throw said === message ? error : new PrmError(code, said, { cause: error, ...(field !== undefined && { field }) })
    }
  })
}

function inOptions(message: string, field: string | undefined, name: string): string {
  if (field === 'again') return message.replace(/If that is meant.*$/, 'If that is meant, say why: --again "reason".')
  if (field === 'out') return `--out ${name}: ${message}`
  if (field === 'state' && message.includes('Resume it first'))
    return message.replace(/Resume it first.*$/, `prm outreach resume ${name} lets it go on, then run it again.`)
  if (field === 'approval' && message.startsWith('This plan is not approved'))
    return `${message} prm outreach approve ${name} --by NAME says yes.`
  if (field === 'by' && message.startsWith('Who planned it')) return `${message} --by NAME says who that is.`
  return message.replace('PLAN.approval.json', `${name}.approval.json`)
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

// ── plan ─────────────────────────────────────────────────────────────────────────────────────

interface PlanTyped {
  readonly audience: string
  readonly template?: readonly string[]
  readonly text?: string
  readonly subject?: string
  readonly purpose: string
  readonly via: string
  readonly out: string
  readonly by?: string
  readonly realm?: string
  readonly where?: readonly string[]
  readonly whereNot?: readonly string[]
  readonly has?: readonly string[]
  readonly age?: string
  readonly set?: readonly string[]
  readonly holdout?: string
  readonly seed?: string
  readonly start?: string
  readonly until?: string
  readonly within?: string
}

function plan(group: Command, shell: Shell): void {
  const command = group
    .command('plan')
    .summary('who gets what, when, at what cost, and who not and why')
    .description(
      'Reads a list, leaves out who may not be written to, renders each message and gives it its turn. It is all in the file --out; nothing is sent. The list is CSV or NDJSON with the columns id, name, phone, email, language, timezone, branch, category, birthdate, expires and consent; other columns are variables of the text. consent empty means nobody asked them, no that they refused.',
    )
    .requiredOption(
      '--audience <file>',
      'the list: .csv or .ndjson, - for CSV on standard input, or ils:NAME for all that an adapter lists',
    )
    .option(
      '--template <file>',
      'a Liquid text; news.es.txt is for Spanish, news.sms.txt for texts, .json for all in one (more than once)',
      collect,
    )
    .option('--text <text>', 'the text itself, in place of --template')
    .option('--subject <text>', 'the subject of mails, with --text')
    .requiredOption('--purpose <name>', 'why the library writes: one of the config')
    .requiredOption('--via <ids>', 'the adapters that may carry it, the best first, with commas')
    .requiredOption('--out <plan>', 'the file to make')
    .option('--by <name>', 'who plans; somebody else approves', login())
    .option('--realm <realm>', 'of the column id, such as koha/card, where the cards are known')
    .option('--where <filter>', 'branch=Main,East: only who has one of these (more than once)', collect)
    .option('--where-not <filter>', 'branch=Main: only who has none of these (more than once)', collect)
    .option('--has <filter>', 'interests=jazz: only who lists this among others (more than once)', collect)
    .option('--age <span>', '13-17, 65- or -12, in whole years')
    .option('--set <name=value>', 'a variable that is the same for all (more than once)', collect)
    .option('--holdout <share>', '0.1 leaves out a tenth by lot, to compare with')
    .option('--seed <text>', 'of the lot: the same seed leaves out the same people')
    .option('--start <instant>', 'not before, such as 2026-11-24T10:00-06:00')
    .option('--until <day>', 'worthless after this day, such as 2026-11-30, or instant')
    .option('--within <duration>', 'how long all may take, such as 12h')
  examples(
    command,
    [
      `prm outreach plan --audience patrons.csv --text 'Hello {{ name }}' --purpose news --via sms --out may.plan`,
      'one text for all',
    ],
    [
      'prm outreach plan --audience patrons.csv --template news.en.txt --template news.es.txt --purpose news --via sms,mail --out may.plan',
      'two languages; by mail where there is no number',
    ],
    [
      `prm outreach plan --audience teens.csv --age 13-17 --holdout 0.1 --seed may --text 'Come!' --purpose news --via sms --out t.plan`,
      'some of them, and a tenth of these held out',
    ],
  )
  act<PlanTyped>(shell, command, (io, options) =>
    withOutreach(shell, options, options.out, async (bulk, prm, zone) => {
      const audience = heard(audienceOf(options, prm, shell))
      const filters = filtersOf(options)
      const order = {
        audience,
        filters: filters.map(({ filter }) => filter),
        templates: templatesOf(options, shell, io),
        purpose: purposeOf(options, prm),
        via: viaOf(options, prm),
        by: byOf(options),
        ...holdoutOf(options),
        ...(options.start !== undefined && { start: instantOf(options.start, '--start') }),
        ...(options.until !== undefined && { expireAt: untilOf(options.until) }),
        ...(options.within !== undefined && { within: durationOf(options.within, '--within') }),
        ...(options.set && { data: Object.fromEntries(options.set.map((one) => pairOf(one, '--set'))) }),
      }
      const progress = progressed(io)
      try {
        const made = await bulk.plan(order, { out: resolve(shell.cwd, options.out), signal: io.signal, ...progress })
        progress.end()
        const words = [
          ...planInWords(made, zone),
          ...samplesInWords(made).slice(0, 3),
          plannerInWords(made, options.out),
          ...nextInWords(made, options.out),
        ]
        io.say(words.join('\n'), made.summary)
        if (io.json) for (const words of repeatsInWords(made, zone)) io.aside(words)
        for (const words of [...badInWords(made), ...nobodyInWords(made, audience.asked())]) io.aside(words)
        return made.summary.bad > 0 ? 1 : 0
      } catch (error) {
        throw refused(error, filters)
      } finally {
        progress.end()
      }
    }),
  )
}

/** The same, which tells afterwards if the list says of anybody whether they agreed. */
function heard(audience: Audience): Audience & { asked(): boolean } {
  let asked = false
  return {
    ...audience,
    async *read(how) {
      for await (const one of audience.read(how)) {
        asked ||= one.row?.consent !== undefined
        yield one
      }
    },
    asked: () => asked,
  }
}

function purposeOf({ purpose }: Pick<PlanTyped, 'purpose'>, { options }: AnyPrm): string {
  if (options.purposes[purpose]) return purpose
  throw new PrmError('invalid', `--purpose takes ${Object.keys(options.purposes).join(', ')}, and not "${purpose}".`, {
    field: '--purpose',
  })
}

function viaOf({ via }: Pick<PlanTyped, 'via'>, { adapters }: AnyPrm): readonly string[] {
  const ids = listed(via)
  const channels = Object.keys(adapters).filter((id) => adapters[id]?.channel)
  const stranger = ids.find((id) => !channels.includes(id))
  if (ids.length > 0 && stranger === undefined) return ids
  throw new PrmError(
    'invalid',
    `--via takes the adapters that can send, with commas: ${channels.join(', ')}, and not "${stranger ?? via}".`,
    { field: '--via' },
  )
}

function byOf({ by = login() }: { readonly by?: string }): string {
  if (by.trim() !== '') return by
  throw new PrmError('invalid', '--by takes the name of who does it.', { field: '--by' })
}

function audienceOf({ audience, realm }: Pick<PlanTyped, 'audience' | 'realm'>, prm: AnyPrm, shell: Shell): Audience {
  const how = realm === undefined ? {} : { realm }
  if (audience === '-') return csv(process.stdin, { ...how, from: 'standard input' })
  const [, adapter] = /^ils:(.+)$/.exec(audience) ?? []
  if (adapter !== undefined) return patrons(prm, adapter)
  const file = resolve(shell.cwd, audience)
  if (!existsSync(file)) throw new PrmError('invalid', `There is no file ${audience}.`, { field: '--audience' })
  const from = { ...how, from: basename(audience) }
  return /\.(ndjson|jsonl)$/i.test(audience) ? ndjson(file, from) : csv(file, from)
}

/** `news.es.txt` is for Spanish, `news.sms.txt` for texts; a first line `Subject: …` is the subject. */
function templatesOf({ template = [], text, subject }: PlanTyped, shell: Shell, io: Terminal): readonly Template[] {
  if ((text === undefined) === (template.length === 0))
    throw new PrmError('invalid', 'Give the words: either --text, or --template.', { field: '--template' })
  if (text !== undefined) return [{ text, ...(subject !== undefined && { subject }) }]
  return template.flatMap((name) => {
    const file = resolve(shell.cwd, name)
    if (!existsSync(file)) throw new PrmError('invalid', `There is no file ${name}.`, { field: '--template' })
    const bytes = readFileSync(file)
    if (!isUtf8(bytes) || bytes.includes(0))
      throw new PrmError('invalid', `${name} is not UTF-8: save it as UTF-8, as all would get it with � in it.`, {
        field: '--template',
      })
    const words = bytes.toString('utf8').replace(/^\uFEFF/, '')
    if (name.endsWith('.json')) return templatesIn(words, name)
    const [, head, body = words] = /^Subject: *(.*)\r?\n\r?\n?([\s\S]*)$/.exec(words) ?? []
    const marks = basename(name).split('.').slice(1, -1)
    const medium = marks.find((mark) => /^(sms|email|chat)$/.test(mark))
    const language = marks.map((mark) => (mark === medium ? undefined : languageIn(mark, name, io))).find(Boolean)
    return [
      {
        text: body.trimEnd(),
        ...(head !== undefined && { subject: head.trim() }),
        ...(medium !== undefined && { medium }),
        ...(language !== undefined && { language }),
      },
    ]
  })
}

/** A language that there is. It is said which, since `new` is one too: Newari. */
function languageIn(mark: string, name: string, io: Terminal): string | undefined {
  if (!/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(mark)) return undefined
  const spoken = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' }).of(mark)
  io.aside(
    `${name}: ${spoken ? `for those who read ${spoken} (${mark}).` : `"${mark}" is no language: it is for all.`}`,
  )
  return spoken && mark
}

function templatesIn(words: string, name: string): readonly Template[] {
  let made: unknown
  try {
    made = JSON.parse(words)
  } catch (error) {
    throw new PrmError('invalid', `${name}: ${(error as Error).message}`, { field: '--template', cause: error })
  }
  const all = (Array.isArray(made) ? made : [made]) as readonly Template[]
  for (const [index, one] of all.entries())
    if (typeof one?.text !== 'string')
      throw new PrmError('invalid', `${name}: [${index}].text: a text was expected.`, { field: '--template' })
  return all
}

/** A filter, and how it was typed. */
interface TypedFilter {
  readonly option: string
  readonly typed: string
  /** What the option takes. */
  readonly takes: string
  readonly filter: Filter
}

function filtersOf({ where = [], whereNot = [], has = [], age }: PlanTyped): readonly TypedFilter[] {
  const each = (
    all: readonly string[],
    option: string,
    example: string,
    make: (field: string, value: string) => Filter,
  ): readonly TypedFilter[] =>
    all.map((typed) => {
      const takes = `${option} takes COLUMN=VALUE, such as ${example}`
      const [, column = '', value = ''] = /^([^=]+)=([\s\S]*)$/.exec(typed) ?? []
      if (listed(value).length === 0) throw new PrmError('invalid', `${takes}, and not "${typed}".`, { field: option })
      return { option, typed, takes, filter: make(columnOf(column), value) }
    })
  return [
    ...each(where, '--where', 'branch=Main,East', (field, value) => ({ field, in: listed(value) })),
    ...each(whereNot, '--where-not', 'branch=Main', (field, value) => ({ field, notIn: listed(value) })),
    ...each(has, '--has', 'interests=jazz', (field, has) => ({ field, has })),
    ...(age === undefined ? [] : [aged(age)]),
  ]
}

function aged(typed: string): TypedFilter {
  const [, from, to] = /^(\d{0,3})-(\d{0,3})$/.exec(typed) ?? []
  if (!from && !to)
    throw new PrmError('invalid', `--age takes 13-17, 65- or -12, and not "${typed}".`, { field: '--age' })
  const filter = { age: { ...(from && { from: Number(from) }), ...(to && { to: Number(to) }) } }
  return { option: '--age', typed, takes: '--age goes by the column birthdate', filter }
}

/** A refused filter, as it was typed. */
function refused(error: unknown, filters: readonly TypedFilter[]): unknown {
  if (!PrmError.is(error)) return error
  const [, index] = /^filters\[(\d+)\]$/.exec(error.field ?? '') ?? []
  const one = filters[Number(index)]
  if (!one) return error
  const message = `${one.option} "${one.typed}": ${error.message} ${one.takes}.`
  return new PrmError(error.code, message, { field: one.option, cause: error })
}

function pairOf(typed: string, option: string): readonly [string, string] {
  const [, name, value] = /^([^=]+)=([\s\S]*)$/.exec(typed) ?? []
  if (!name || value === undefined)
    throw new PrmError('invalid', `${option} takes name=value, and not "${typed}".`, { field: option })
  return [name.trim(), value]
}

const listed = (text: string): readonly string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')

function holdoutOf({ holdout, seed }: PlanTyped): {
  readonly holdout?: { readonly share: number; readonly seed: string }
} {
  if (holdout === undefined) return {}
  const share = Number(holdout)
  if (!(share > 0 && share < 1))
    throw new PrmError('invalid', `--holdout takes a share between 0 and 1, such as 0.1, and not "${holdout}".`, {
      field: '--holdout',
    })
  if (seed === undefined)
    throw new PrmError('invalid', '--holdout needs --seed, so that the same people are left out again.', {
      field: '--seed',
    })
  return { holdout: { share, seed } }
}

/** Without a zone the machine's would count, and a bare number is a year or month to JavaScript. */
function instantOf(typed: string, option: string): string {
  const at = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(typed)
    ? Date.parse(typed)
    : Number.NaN
  if (Number.isNaN(at))
    throw new PrmError(
      'invalid',
      `${option} takes an instant with its zone, such as 2026-11-24T10:00:00Z or 2026-11-24T10:00-06:00, and not "${typed}".`,
      { field: option },
    )
  return new Date(at).toISOString()
}

function untilOf(typed: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(typed) && !Number.isNaN(Date.parse(typed))) return typed
  try {
    return instantOf(typed, '--until')
  } catch (error) {
    throw new PrmError(
      'invalid',
      `--until takes a day, such as 2026-11-24, or an instant with its zone, such as 2026-11-24T10:00Z, and not "${typed}".`,
      { field: '--until', cause: error },
    )
  }
}

function durationOf(typed: string, option: string): `${number}h` {
  if (!/^\d+(ms|s|m|h|d)$/.test(typed))
    throw new PrmError('invalid', `${option} takes a duration, such as 12h or 90m, and not "${typed}".`, {
      field: option,
    })
  return typed as `${number}h`
}

/** Hears how far it is, and shows it, each part under its own name. */
function progressed(io: Terminal): { readonly onProgress: OnProgress; end(): void } {
  let part: { readonly what: string; readonly shown: Progress } | undefined
  const end = (): void => {
    part?.shown.end()
    part = undefined
  }
  return {
    onProgress({ what, done, total }) {
      if (part?.what !== what) {
        end()
        part = { what, shown: io.progress(what) }
      }
      part?.shown.at(done, total)
    },
    end,
  }
}

// ── show, approve, run ───────────────────────────────────────────────────────────────────────

function show(group: Command, shell: Shell): void {
  const command = group
    .command('show')
    .summary('what a plan says, and where it stands')
    .description(
      'Reads a plan and checks it: an edited or cut file is refused. Shows counts, cost, all samples, what to mend, its approval and where its run stands. With --id it answers who asks at the desk: what this one person gets, when and by which way, or why not, and what became of it.',
    )
    .argument('<plan>', 'the file that plan made')
    .option('--id <id>', 'of one person, as the list has it')
  examples(
    command,
    ['prm outreach show may.plan', 'to read before approving'],
    ['prm outreach show may.plan --id 29001000123456', 'why did this one not get it? ends with 1 if it is not there'],
    ['prm outreach show may.plan --json', 'all of it, as one object'],
  )
  act<{ id?: string }>(shell, command, (io, options, name = '') =>
    withOutreach(shell, options, name, async (bulk, prm, zone) => {
      if (options.id !== undefined) {
        const looked = await bulk.lookUp(resolve(shell.cwd, name), options.id.trim(), io.signal)
        const explained = new Map<string, Awaited<ReturnType<AnyPrm['explain']>>>()
        for (const row of looked.rows)
          if (row.is === 'recipient' && row.key !== undefined) explained.set(row.key, await prm.explain(row.key))
        const words = personInWords(looked, name, zone, (key) => explained.get(key)?.text ?? '')
        io.say(words.join('\n'), { ...looked, explained: [...explained.values()] })
        return 0
      }
      const shown = await bulk.show(resolve(shell.cwd, name), io.signal)
      const { plan: made, approval, refused = 'Not approved.', state } = shown
      io.say(
        [
          plannerInWords(made, name),
          ...planInWords(made, zone),
          ...nobodyInWords(made, true),
          ...badInWords(made),
          ...samplesInWords(made),
          approval
            ? `Approved by ${approval.by} at ${timeIn(zone, approval.at)}.`
            : inOptions(refused, 'approval', name),
          ...(state.standing === 'planned' || state.standing === 'approved' ? [] : [stateInWords(state, zone)]),
        ].join('\n'),
        shown,
      )
      return 0
    }),
  )
}

function approve(group: Command, shell: Shell): void {
  const command = group
    .command('approve')
    .summary('say yes to a plan, as a second person')
    .description(
      'Signs the plan as it is now, with the key of the config. Refused when whoever approves has planned it, and when another plan that is approved or has begun says the same to some of them; void when the file changes.',
    )
    .argument('<plan>', 'the file that plan made')
    .option('--by <name>', 'who approves', login())
    .option('--again <reason>', 'why some may get the same text a second time, by another plan')
  examples(
    command,
    ['prm outreach approve may.plan', 'as who you are logged in'],
    [`prm outreach approve may.plan --by ann --again 'the first never arrived'`, 'as Ann, though it is sent again'],
  )
  act<{ by?: string; again?: string }>(shell, command, (io, options, name = '') =>
    withOutreach(shell, options, name, async (bulk) => {
      const { again } = options
      const by = byOf(options)
      const approval = await bulk.approve(resolve(shell.cwd, name), { by, ...(again !== undefined && { again }) })
      io.say(`Approved by ${approval.by}: prm outreach run ${name} sends it.`, approval)
      return 0
    }),
  )
}

interface RunTyped {
  readonly once?: boolean
  readonly deliver: boolean
  readonly canary?: string
  readonly watch?: string
  readonly tolerance?: string
  readonly bounces?: string
  readonly complaints?: string
  readonly optOuts?: string
  readonly by?: string
  readonly again?: string
}

function run(group: Command, shell: Shell): void {
  const command = group
    .command('run')
    .summary('send what was approved')
    .description(
      'Sends what was approved: a few first, who are watched for bounces, complaints and opt-outs, then the rest. It may be interrupted or killed at any point; the same line goes on, and nobody gets it twice. What waits for quiet hours or a turn is waited for, and said; Ctrl-C is safe, and gives the account.',
    )
    .argument('<plan>', 'the file that plan made')
    .option('--once', 'do what is due now and end, also while some wait')
    .option('--no-deliver', 'leave the sending to a prm run beside this')
    .option('--canary <count>', 'how many go first; 200 unless said')
    .option('--watch <duration>', 'how long these are watched; 1m unless said')
    .option('--tolerance <share>', 'how many may be decided otherwise than planned; 0.01 unless said')
    .option('--bounces <share>', 'from which share on it stops by itself; 0.05 unless said')
    .option('--complaints <share>', 'the same; 0.002 unless said')
    .option('--opt-outs <share>', 'the same; 0.02 unless said')
    .option('--by <name>', 'who runs it', login())
    .option('--again <reason>', 'why some may get the same text a second time, if approve did not say it')
  examples(
    command,
    ['prm outreach run may.plan', 'ends with 0 once all is sent, 1 if some failed or wait'],
    ['prm outreach run may.plan --canary 50 --watch 10m', 'fifty, ten minutes, then the rest'],
  )
  act<RunTyped>(shell, command, (io, options, name = '') =>
    withOutreach(shell, options, name, async (bulk, prm, zone) => {
      const file = resolve(shell.cwd, name)
      const share = (field: 'tolerance' | 'bounces' | 'complaints' | 'optOuts') => {
        const value = options[field]
        return value === undefined ? {} : { [field]: shareOf(value, `--${field === 'optOuts' ? 'opt-outs' : field}`) }
      }
      const how = {
        signal: io.signal,
        deliver: options.deliver,
        stopAt: { ...share('bounces'), ...share('complaints'), ...share('optOuts') },
        ...share('tolerance'),
        ...canaryOf(options),
        ...(options.once && { once: true }),
        ...(options.again !== undefined && { again: options.again }),
        by: byOf(options),
      }
      const ended = await watched(
        io,
        () => waited(bulk, prm, file, name),
        (onProgress) => bulk.run(file, { ...how, onProgress }),
      ).catch(async (error) => {
        if (!io.signal.aborted || PrmError.is(error)) throw error
        const { summary } = await bulk.report(file)
        const goesOn = `prm outreach run ${name} goes on where it was, and nobody gets it twice.`
        io.say([summaryInWords(summary), goesOn].join('\n'), summary)
        if (io.json) io.aside(goesOn)
        throw error
      })
      const { summary, state, next } = ended
      const stands = stateInWords(state, zone)
      const due = next ? [`The next is due at ${timeIn(zone, next)}: prm outreach run ${name} sends it then.`] : []
      const goesOn = state.standing === 'paused' ? [`prm outreach resume ${name} lets it go on.`] : []
      io.say([summaryInWords(summary), ...due, stands, ...goesOn].join('\n'), summary)
      if (io.json) io.aside(stands)
      io.signal.throwIfAborted()
      return summary.failed > 0 || summary.waiting > 0 || state.standing === 'stopped' ? 1 : 0
    }),
  )
}

/** Shows how far it is, and what it waits for where it stands still. */
async function watched<R>(
  io: Terminal,
  ask: () => Promise<string>,
  work: (onProgress: OnProgress) => Promise<R>,
): Promise<R> {
  const progress = progressed(io)
  const still = waiting(ask, (words) => {
    progress.end()
    io.aside(words)
  })
  try {
    return await work((how) => {
      still.moved()
      progress.onProgress(how)
    })
  } finally {
    still.end()
    progress.end()
  }
}

/** What a run that stands still waits for. */
async function waited(bulk: Outreach, prm: AnyPrm, file: string, name: string): Promise<string> {
  const { options } = prm
  const [shown, { summary }] = [await bulk.show(file), await bulk.report(file)]
  const failed = shown.state.standing === 'paused' ? undefined : await lastFailure(prm, shown.plan.id)
  if (failed !== undefined)
    return `${summary.waiting.toLocaleString('en')} wait: the provider did not take one, which is tried again: ${failed} prm doctor says what to mend. Ctrl-C is safe: prm outreach run ${name} goes on.`
  const { quietHours, timeZone } = options.library
  const rule = options.purposes[shown.plan.purpose]
  const heeds = rule && rule.quietHours !== 'ignore'
  return waitInWords(shown, summary.waiting, { timeZone, ...(quietHours && heeds && { quietHours }) }, name, Date.now())
}

/** What the last try of a message of this plan came to, where it is tried again. */
async function lastFailure({ options }: AnyPrm, id: string): Promise<string | undefined> {
  const scope = options.store.scope(options.library.id)
  for await (const { key, error } of scope.jobs({ state: 'waiting', names: ['deliver'], limit: 1_000 })) {
    const { message } = (error ?? {}) as { readonly message?: string }
    if (message !== undefined && key.startsWith(`deliver:outreach:${id}`)) return message
  }
  return undefined
}

function shareOf(typed: string, option: string): number {
  const share = Number(typed)
  if (!(share >= 0 && share <= 1))
    throw new PrmError('invalid', `${option} takes a share from 0 to 1, such as 0.02, and not "${typed}".`, {
      field: option,
    })
  return share
}

function canaryOf({ canary, watch }: RunTyped): {
  readonly canary?: { readonly size?: number; readonly watch?: `${number}h` }
} {
  if (canary === undefined && watch === undefined) return {}
  if (canary !== undefined && !/^\d+$/.test(canary))
    throw new PrmError('invalid', `--canary takes a whole number, and not "${canary}".`, { field: '--canary' })
  return {
    canary: {
      ...(canary !== undefined && { size: Number(canary) }),
      ...(watch !== undefined && { watch: durationOf(watch, '--watch') }),
    },
  }
}

const verbs = {
  pause: ['let a run wait', 'Lets a run wait, wherever it runs. What has begun is finished; resume lets it go on.'],
  resume: [
    'let a paused or stopped run go on',
    'Lets a run go on that was paused or stopped. One that is up somewhere goes on by itself; where none is, as after a stop, prm outreach run PLAN then sends the rest.',
  ],
  stop: [
    'end a run',
    'Ends a run, wherever it runs. What was promised and is not handed over yet is cancelled; a call that is under way comes to its end. Nobody else gets it, unless resume says so.',
  ],
} as const

function change(group: Command, shell: Shell, verb: keyof typeof verbs): void {
  const [summary, description] = verbs[verb]
  const command = group
    .command(verb)
    .summary(summary)
    .description(description)
    .argument('<plan>', 'the file that plan made')
    .option('--by <name>', 'who says so', login())
  if (verb === 'stop') command.option('--why <text>', 'for those who ask')
  examples(
    command,
    [`prm outreach ${verb} may.plan`, 'from any terminal with this config'],
    [`prm outreach ${verb} may.plan --by ann`, 'as Ann'],
  )
  act<{ by?: string; why?: string }>(shell, command, (io, options, name = '') =>
    withOutreach(shell, options, name, async (bulk, _, zone) => {
      const who = { by: byOf(options), ...(options.why !== undefined && { why: options.why }) }
      const state = await bulk[verb](resolve(shell.cwd, name), who)
      const next = {
        pause: [`prm outreach resume ${name} lets it go on.`],
        resume: [`If no run of it is up: prm outreach run ${name} sends the rest.`],
        stop: [],
      }[verb]
      io.say([stateInWords(state, zone), ...stopInWords(state), ...next].join('\n'), state)
      return 0
    }),
  )
}

// ── afterwards ───────────────────────────────────────────────────────────────────────────────

function report(group: Command, shell: Shell): void {
  const command = group
    .command('report')
    .summary('what became of it')
    .description(
      'Says what became of a run: outcomes by reason and medium, opt-outs, and the effect against the holdout, with an interval or the words that none was measured.',
    )
    .argument('<plan>', 'the file that plan made')
    .option('--acted <file>', 'who did what was hoped for: a CSV with the column id')
    .option('--bill', 'compare the bill of the provider with the plan')
  examples(
    command,
    ['prm outreach report may.plan', 'after the run, and again when more reports came'],
    ['prm outreach report may.plan --acted borrowed.csv', 'with the effect'],
    ['prm outreach report may.plan --bill', 'ends with 1 if the bill differs'],
  )
  act<{ acted?: string; bill?: boolean }>(shell, command, (io, options, name = '') =>
    withOutreach(shell, options, name, async (bulk) => {
      const file = resolve(shell.cwd, name)
      const progress = progressed(io)
      const how = { signal: io.signal, onProgress: progress.onProgress }
      try {
        const acted = options.acted === undefined ? {} : { acted: actedIn(options.acted, shell) }
        const made = await bulk.report(file, { ...how, ...acted })
        const bill = options.bill ? await bulk.reconcile(file, how) : undefined
        progress.end()
        const words = bill
          ? [
              `Planned ${money(bill.planned, 'nothing that has a price')}, billed ${money(bill.bill, 'nothing so far')}: ${bill.equal ? 'equal' : 'not equal'}.`,
              ...bill.differences.map(({ key, why }) => `  ${key}: ${why}`),
            ]
          : []
        io.say([made.text.trimEnd(), ...words].join('\n'), { ...made, ...(bill && { bill }) })
        return bill?.equal === false ? 1 : 0
      } finally {
        progress.end()
      }
    }),
  )
}

function actedIn(name: string, shell: Shell): Audience {
  const file = resolve(shell.cwd, name)
  if (!existsSync(file)) throw new PrmError('invalid', `There is no file ${name}.`, { field: '--acted' })
  return csv(file, { from: basename(name), only: 'id' })
}

interface HealthTyped {
  readonly purpose: string
  readonly via: string
  readonly out?: string
  readonly stale?: string
  readonly realm?: string
}

function health(group: Command, shell: Shell): void {
  const command = group
    .command('health')
    .summary('which addresses of a list are to be mended')
    .description(
      'Looks at the addresses of a list before anybody plans: stale, bouncing, shared, a landline, not agreed to. Nothing is sent. --out makes a list for whoever keeps the records.',
    )
    .argument('<audience>', 'the list, as for plan')
    .requiredOption('--purpose <name>', 'why the library would write')
    .requiredOption('--via <ids>', 'the adapters that would carry it, with commas')
    .option('--out <file>', 'a CSV of what to mend, a line each')
    .option('--stale <duration>', 'the column verified is older than this; 365d unless said')
    .option('--realm <realm>', 'of the column id, such as koha/card')
  examples(
    command,
    ['prm outreach health patrons.csv --purpose news --via sms', 'how many, and why'],
    ['prm outreach health patrons.csv --purpose news --via sms --out mend.csv', 'and who; ends with 1 if any'],
  )
  act<HealthTyped>(shell, command, (io, options, audience = '') =>
    withOutreach(shell, options, options.out ?? '', async (bulk, prm) => {
      const made = await bulk.health(audienceOf({ ...options, audience }, prm, shell), {
        purpose: purposeOf(options, prm),
        via: viaOf(options, prm),
        signal: io.signal,
        ...(options.out !== undefined && { out: resolve(shell.cwd, options.out) }),
        ...(options.stale !== undefined && { stale: durationOf(options.stale, '--stale') }),
      })
      const ill = Object.entries(made.ailments).filter(([, people]) => people > 0)
      io.say(
        [
          `${counted(made.rows, 'row')}, ${made.healthy} of them well.`,
          ...ill.map(([what, people]) => `  ${what}: ${people}`),
          ...(ill.length === 0 ? [] : [`${options.out ?? '--out mend.csv'} lists each, with its line.`]),
        ].join('\n'),
        made,
      )
      return ill.length > 0 ? 1 : 0
    }),
  )
}
