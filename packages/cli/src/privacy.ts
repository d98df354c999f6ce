import { rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Address, Consent, Decision, Duration, Exported, Interaction, Message, Patron } from '@prm/core'
import { PrmError } from '@prm/core'
import type { Command } from 'commander'
import { addressOf } from './address.ts'
import { timeIn } from './clock.ts'
import { act, examples, login, type Shell, withOne } from './command.ts'
import type { AnyPrm } from './config.ts'
import { oneAt } from './explain.ts'
import { until } from './signals.ts'
import type { Terminal } from './terminal.ts'

/** `privacy ledger`, `subject` and `erase`: what is held, one person's file, and taking one person out. */
export function privacy(program: Command, shell: Shell): void {
  const group = program
    .command('privacy')
    .summary('what is held of people, one person’s file, erasing')
    .description('Says what is held of people and why, writes one person’s file, and takes one person out.')
  examples(
    group,
    ['prm privacy ledger', 'what is held, for which purpose, until when, and who received it'],
    ['prm privacy subject +12125550142 --out file.json', 'what a patron may ask to see'],
    ['prm privacy erase +12125550142 --yes', 'takes them out, and prints a certificate'],
  )

  const ledger = group
    .command('ledger')
    .summary('what is held, for which purpose, until when, who received it')
    .description(
      'Counts what is held: kind by kind with how long it is kept, purpose by purpose, and for each adapter which fields it received or told. It names nobody.',
    )
  examples(ledger, ['prm privacy ledger', 'to read'], ['prm privacy ledger --json', 'one object, for a record'])
  act(shell, ledger, (io, options) =>
    withOne(shell, options, async (prm) => {
      const held = await ledgerOf(prm, io)
      io.say(ledgerInWords(held), held)
      return 0
    }),
  )

  const subject = group
    .command('subject')
    .summary('one person’s file')
    .description(
      'Writes all that is held of one person as one JSON object. What another patron shares, such as a family’s number, is in it; what is the other’s is not. Where a list did not say when somebody agreed, that is said; with --json the moment stays as it is stored.',
    )
    .argument('<address>', 'a number, a mail address, or a card')
    .option('--patron <id>', 'this one of several at the address; prm patron shows ids')
    .option('--out <file>', 'a new file, which only you may read')
  examples(
    subject,
    ['prm privacy subject +12125550142 --out file.json', 'to hand over'],
    ['prm privacy subject koha/card:21234000000205', 'to standard output'],
  )
  act<{ patron?: string; out?: string }>(shell, subject, (io, options, typed = '') =>
    withOne(shell, options, async (prm) => {
      const file = await fileOf(prm, await oneAt(prm, typed, options.patron), io)
      const text = io.json ? `${JSON.stringify(file)}\n` : `${JSON.stringify(file, undatedInWords, 2)}\n`
      if (options.out === undefined) process.stdout.write(text)
      else await create(shell, options.out, text)
      const rows = Object.values(file.held).reduce((sum, some) => sum + some.length, 0)
      io.aside(`${rows} rows.${options.out === undefined ? '' : ` They are in ${options.out}.`}`)
      return 0
    }),
  )

  const erase = group
    .command('erase')
    .summary('take one person out')
    .description(
      'Takes one person out of everything here, and asks each provider that can to delete what it has. The certificate says what was removed, and what is kept and why: a refusal stays as a keyed hash, so that a STOP outlives its number. Erase in the ILS first, or its next look brings them back.',
    )
    .argument('<address>', 'a number, a mail address, or a card')
    .option('--patron <id>', 'this one of several at the address; prm patron shows ids')
    .option('--yes', 'really')
    .option('--out <file>', 'the certificate, in a new file')
  examples(
    erase,
    ['prm privacy erase +12125550142 --yes', 'the patron who is known there, or the address if nobody is'],
    ['prm privacy erase +12125550142 --patron ID --yes', 'one of a family'],
  )
  act<{ patron?: string; yes?: boolean; out?: string }>(shell, erase, (io, options, typed = '') =>
    withOne(shell, options, async (prm) => {
      if (!options.yes)
        throw new PrmError('conflict', 'This cannot be undone. Look at prm privacy subject first, then say --yes.', {
          field: '--yes',
        })
      const address = addressOf(typed, prm.options.library.region)
      const somebody = options.patron !== undefined || (await prm.patrons(address)).length > 0
      const who = somebody ? (await oneAt(prm, typed, options.patron)).id : undefined
      // It cannot be had a second time: its file is there before anybody is erased.
      if (options.out !== undefined) await create(shell, options.out, '')
      const { removed, kept } = await prm.erase(who ?? address).catch(async (error) => {
        if (options.out !== undefined) await rm(resolve(shell.cwd, options.out), { force: true })
        throw error
      })
      const certificate = {
        library: prm.options.library.id,
        at: new Date().toISOString(),
        by: login(),
        erased: who ? { patron: who } : { address: address.scheme },
        removed,
        kept,
      }
      if (options.out !== undefined)
        await writeFile(resolve(shell.cwd, options.out), `${JSON.stringify(certificate, null, 2)}\n`)
      io.say(certificateInWords(certificate, prm.options.library.timeZone), certificate)
      return 0
    }),
  )
}

async function create(shell: Shell, name: string, text: string): Promise<void> {
  try {
    await writeFile(resolve(shell.cwd, name), text, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new PrmError('conflict', `${name} is there already: name a new file.`, { field: '--out' })
  }
}

interface Certificate {
  readonly library: string
  readonly at: string
  readonly by: string
  readonly erased: { readonly patron: string } | { readonly address: string }
  readonly removed: number
  readonly kept: readonly { readonly what: string; readonly reason: string }[]
}

function certificateInWords({ library, at, by, erased, removed, kept }: Certificate, zone: string): string {
  const who = 'patron' in erased ? `patron ${erased.patron}` : `an address (${erased.address}) at which nobody is known`
  return [
    `Erased at ${timeIn(zone, at)} by ${by}, in the library ${library}: ${who}.`,
    `Removed: ${removed} rows.`,
    ...(kept.length === 0 ? ['Kept: nothing.'] : kept.map(({ what, reason }) => `Kept: ${what}, since ${reason}.`)),
    'Not reached from here: backups, exports, files of the ILS, lists and plans.',
    'Whoever still stands in a list is written to, and known, again by a plan that is made of it from now on.',
  ].join('\n')
}

// ── one pass over everything ─────────────────────────────────────────────────────────────────

interface Row {
  readonly kind: string
  readonly at: string
  readonly value: unknown
}

async function* rowsOf(prm: AnyPrm, io: Terminal): AsyncGenerator<Row> {
  const progress = io.progress('rows read')
  let count = 0
  try {
    for await (const { kind, value } of until<Exported>(io.signal, prm.export())) {
      progress.at(++count)
      const row = value as { readonly at?: string; readonly value?: unknown }
      if (row.value !== undefined && row.at !== undefined) yield { kind, at: row.at, value: row.value }
    }
  } finally {
    progress.end()
  }
}

// ── the ledger ───────────────────────────────────────────────────────────────────────────────

interface Held {
  readonly what: string
  readonly rows: number
  readonly oldest: string
  readonly newest: string
  readonly until: string
}
interface Ledger {
  readonly library: string
  readonly held: readonly Held[]
  readonly purposes: {
    readonly [purpose: string]: { basis: string; messages: number; granted: number; denied: number }
  }
  readonly adapters: {
    readonly [id: string]: {
      readonly received: { readonly [field: string]: number }
      readonly told: { readonly [field: string]: number }
    }
  }
}

/** docs/what-is-kept.md in short. Facts go by their event type. */
const kept: { readonly [kind: string]: string } = {
  patron: 'until erased',
  consent: 'kept: the proof, and the protection',
  conversation: '90 days after its end',
  audit: 'a year',
  run: 'until the flow ends, 90 days at the most',
  claim: 'as long as what it is of',
  digest: 'until it is decided',
  outcome: '90 days',
  shared: 'as long as decisions name it',
  cursor: 'kept: no people',
  sender: 'kept: no people',
}

async function ledgerOf(prm: AnyPrm, io: Terminal): Promise<Ledger> {
  const held = new Map<string, { rows: number; oldest: string; newest: string }>()
  const purposes: Record<string, { basis: string; messages: number; granted: number; denied: number }> = {}
  for (const [name, rule] of Object.entries(prm.options.purposes))
    if (rule) purposes[name] = { basis: rule.basis, messages: 0, granted: 0, denied: 0 }
  const adapters: Record<string, { received: Record<string, number>; told: Record<string, number> }> = {}
  for (const id of Object.keys(prm.adapters)) adapters[id] = { received: {}, told: {} }
  const count = (id: string, way: 'received' | 'told', field: string): void => {
    const fields = adapters[id]?.[way]
    if (fields) fields[field] = (fields[field] ?? 0) + 1
  }
  for await (const { kind, at, value } of rowsOf(prm, io)) {
    const what = kind === 'interaction' ? `fact: ${(value as Interaction).type}` : kind
    const sum = held.get(what) ?? { rows: 0, oldest: at, newest: at }
    sum.rows++
    if (at < sum.oldest) sum.oldest = at
    if (at > sum.newest) sum.newest = at
    held.set(what, sum)
    if (kind === 'message') {
      const message = value as Message
      const rule = purposes[message.purpose]
      if (rule) rule.messages++
      if (message.attempts.length > 0) for (const field of handed(message)) count(message.via, 'received', field)
    }
    if (kind === 'consent') {
      const { purpose, state } = value as Consent
      purposes[purpose] ??= { basis: 'of all purposes', messages: 0, granted: 0, denied: 0 }
      purposes[purpose][state]++
    }
    if (kind === 'interaction') {
      const { source, who, to, data } = value as Interaction
      if (who) count(source, 'told', who.scheme)
      if (to) count(source, 'told', 'our address')
      if (isObject(data)) for (const field of Object.keys(data)) count(source, 'told', field)
    }
    if (kind === 'patron')
      for (const { scheme, seenBy } of (value as Patron).identities) count(seenBy, 'told', `address: ${scheme}`)
  }
  return {
    library: prm.options.library.id,
    held: [...held].map(([what, sum]) => ({ what, ...sum, until: untilOf(prm, what) })),
    purposes,
    adapters,
  }
}

/** What the provider was handed with a message. */
function handed({ to, from, content, expireAt }: Message): readonly string[] {
  return [
    `address: ${to.scheme}`,
    ...(from ? ['our address'] : []),
    ...Object.keys(content),
    ...(expireAt ? ['deadline'] : []),
  ]
}

function untilOf({ adapters, options }: AnyPrm, what: string): string {
  if (what === 'message' || what === 'decision') return `${inDays(options.retention)} after its end`
  if (!what.startsWith('fact: ')) return kept[what] ?? 'see docs/what-is-kept.md'
  const name = what.slice('fact: '.length)
  if (name === 'notice') return '30 days after the last date in it'
  const types = [...(options.events ?? []), ...Object.values(adapters).flatMap((adapter) => adapter.emits)]
  return inDays(types.find((type) => type.name === name)?.retention)
}

function inDays(keep: Duration | undefined): string {
  return keep === undefined ? '90 days' : keep.replace(/^1d$/, 'a day').replace(/d$/, ' days')
}

function ledgerInWords({ library, held, purposes, adapters }: Ledger): string {
  const counts = (fields: { readonly [field: string]: number }): string =>
    Object.entries(fields)
      .map(([field, rows]) => `${field} (${rows})`)
      .join(', ')
  return [
    `Held of ${library}`,
    ...held.map(
      ({ what, rows, oldest, newest, until }) => `  ${what}: ${rows}, ${dayOf(oldest)} to ${dayOf(newest)}; ${until}`,
    ),
    'For which purpose',
    ...Object.entries(purposes).map(
      ([name, { basis, messages, granted, denied }]) =>
        `  ${name} (${basis}): ${messages} messages, ${granted} agreed, ${denied} refused`,
    ),
    'Who received it, and who told us',
    ...Object.entries(adapters).flatMap(([id, { received, told }]) => [
      `  ${id} received: ${counts(received) || 'nothing'}`,
      `  ${id} told: ${counts(told) || 'nothing'}`,
    ]),
  ].join('\n')
}

/** The moment that stands for one that a list does not say. */
const undated = '1970-01-01T00:00:00.000Z'
const undatedWords = 'the list does not say when'

function undatedInWords(_: string, value: unknown): unknown {
  return value === undated ? undatedWords : value
}

function dayOf(at: string): string {
  return at === undated ? `(${undatedWords})` : at.slice(0, 10)
}

// ── one person's file ────────────────────────────────────────────────────────────────────────

interface PersonFile {
  readonly library: string
  readonly at: string
  readonly by: string
  readonly patron: Patron
  readonly held: { readonly [kind: string]: readonly unknown[] }
}

async function fileOf(prm: AnyPrm, patron: Patron, io: Terminal): Promise<PersonFile> {
  const addresses = new Set(patron.identities.map(nameOf))
  const shared = new Set<string>()
  for (const one of patron.identities)
    if (
      (
        await prm.patrons({
          scheme: one.scheme,
          value: one.value,
          ...(one.realm !== undefined && { realm: one.realm }),
        })
      ).length > 1
    )
      shared.add(nameOf(one))
  const held: Record<string, unknown[]> = {}
  for await (const { kind, value } of rowsOf(prm, io)) {
    if (!isObject(value) || !theirs(kind, value, patron.id, addresses, shared)) continue
    held[kind] = [...(held[kind] ?? []), value]
  }
  return { library: prm.options.library.id, at: new Date().toISOString(), by: login(), patron, held }
}

/** A row that names a patron is that patron's; one that names only an address is whose that is, if it is one patron's. */
function theirs(
  kind: string,
  value: { readonly [field: string]: unknown },
  id: string,
  addresses: ReadonlySet<string>,
  shared: ReadonlySet<string>,
): boolean {
  if (kind === 'patron') return value.id === id
  if (kind === 'consent') return addresses.has(nameOf(value.address as Address))
  const { patronId, recipient } = value as Partial<Pick<Decision, 'patronId' | 'recipient'>>
  if (patronId !== undefined || recipient !== undefined) return patronId === id || recipient === id
  const address = (value.who ?? (kind === 'message' ? value.to : undefined)) as Address | undefined
  return address !== undefined && addresses.has(nameOf(address)) && !shared.has(nameOf(address))
}

function nameOf({ scheme, realm = '', value }: Address): string {
  return `${scheme} ${realm} ${value}`
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
