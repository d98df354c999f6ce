import { type Interaction, type Patron, PrmError } from '@prm/core'
import type { Command } from 'commander'
import { addressesOf } from './address.ts'
import { timeIn } from './clock.ts'
import { act, examples, type Shell, withOne } from './command.ts'
import type { AnyPrm } from './config.ts'
import { until } from './signals.ts'

/** `explain`, `patron` and `timeline`: what is known, for the desk. Each look is in the audit under the login name. */
export function look(program: Command, shell: Shell): void {
  const explain = program
    .command('explain')
    .summary('why a message was sent, or was not')
    .description('Says why a message was sent, or was not: each rule that spoke, each attempt, and what became of it.')
    .argument('<key...>', 'the key of the message, which prm timeline ADDRESS shows in brackets')
  examples(
    explain,
    ["prm explain 'notice notices hold-ready 9001 2026-12-04'", 'the decision in words'],
    ['prm explain KEY --json', 'the decision, its message and what was reported, as one object'],
  )
  act(shell, explain, (io, options, ...keys) =>
    withOne(shell, options, async (prm) => {
      const { text, ...rest } = await prm.explain(keys.flat().join(' ')).catch(unknownKey)
      io.say(text, { text, ...rest })
      return 0
    }),
  )

  const patron = program
    .command('patron')
    .summary('who is known at an address, and what they may be told')
    .description(
      'Shows who is known at an address, and for each purpose whether they may be written to now, or why not.',
    )
    .argument('<address>', 'a number, a mail address, or a card such as koha/card:21234000000205')
  examples(
    patron,
    ['prm patron +12125550142', 'a number; a family may share it'],
    ['prm patron koha/card:21234000000205', 'a card, by the realm that its source gives it'],
  )
  act(shell, patron, (io, options, typed = '') =>
    withOne(shell, options, async (prm) => {
      for (const one of await known(prm, typed)) {
        const purposes = await mayBeTold(prm, one)
        const words = [
          io.strong(one.name ?? 'no name'),
          `  id         ${one.id}`,
          ...one.identities.map(
            ({ scheme, realm, value, seenBy, seenAt }) =>
              `  ${scheme.padEnd(10)} ${realm ? `${realm}:` : ''}${value} (${seenBy}, ${timeIn(prm.options.library.timeZone, seenAt).slice(0, 10)})`,
          ),
          ...(['locale', 'branch', 'category', 'expires', 'timeZone'] as const).flatMap((field) =>
            one[field] === undefined ? [] : [`  ${field.padEnd(10)} ${one[field]}`],
          ),
          ...purposes.map(({ purpose, may, why }) => `  ${may ? '✓' : '✗'} ${purpose}: ${why}`),
          ...noticesFirst(
            prm.options.purposes,
            purposes.filter(({ may }) => may).map(({ purpose }) => purpose),
          ),
        ]
        io.say(words.join('\n'), { patron: one, purposes })
      }
      return 0
    }),
  )

  const timeline = program
    .command('timeline')
    .summary('what passed between the library and one patron')
    .description(
      'Lists what passed between the library and one patron, newest first, with the key of each message in brackets, for prm explain. Titles are not shown.',
    )
    .argument('<address>', 'a number, a mail address, or a card')
    .option('--since <day>', 'not what was stored before this day, such as 2026-11-01')
    .option('--limit <count>', 'the newest so many', '100')
    .option('--patron <id>', 'this one of several at the address; prm patron shows ids')
  examples(
    timeline,
    ['prm timeline +12125550142', 'the newest 100'],
    ['prm timeline ann@example.org --since 2026-11-01 --json', 'one JSON object a line'],
  )
  act<{ since?: string; limit: string; patron?: string }>(shell, timeline, (io, options, typed = '') =>
    withOne(shell, options, async (prm) => {
      const limit = Number(options.limit)
      if (!(Number.isInteger(limit) && limit > 0))
        throw new PrmError('invalid', '--limit takes a whole number above 0.', { field: '--limit' })
      const since = options.since === undefined ? undefined : dayOf(options.since, '--since')
      const { id } = await oneAt(prm, typed, options.patron)
      for await (const fact of until(io.signal, prm.timeline(id, { limit, ...(since && { since }) })))
        io.say(inWords(fact, prm.options.library.timeZone), fact)
      return 0
    }),
  )
}

function unknownKey(error: unknown): never {
  if (!PrmError.is(error) || error.field !== 'key') throw error
  const where = 'prm timeline ADDRESS shows the keys of what somebody was sent.'
  throw new PrmError(error.code, `${error.message} ${where}`, { field: 'key', cause: error })
}

function dayOf(typed: string, option: string): string {
  const at = Date.parse(typed)
  if (Number.isNaN(at))
    throw new PrmError('invalid', `${option} takes a day or an instant, such as 2026-11-01.`, { field: option })
  return new Date(at).toISOString()
}

/** All who are known there. Throws `not_found`. */
async function known(prm: AnyPrm, typed: string): Promise<readonly Patron[]> {
  const addresses = addressesOf(typed, prm.options.library.region, Object.keys(prm.adapters))
  for (const address of addresses) {
    const patrons = await prm.patrons(address)
    if (patrons.length > 0) return patrons
  }
  if (addresses[0]?.scheme !== 'ils' || addresses.some(({ value }) => value !== typed.trim()))
    throw new PrmError('not_found', 'No patron has this address.')
  const realms = addresses.map(({ realm }) => realm).join(', ')
  throw new PrmError(
    'not_found',
    `No patron has this card in ${realms}. Where the cards of a source have another name, write its name before it, such as koha/card:21234000000205. For an id of a plan, use prm outreach show PLAN --id ID.`,
  )
}

/** The one who is meant. Throws `conflict` with the ids where several are known. */
export async function oneAt(prm: AnyPrm, typed: string, id: string | undefined): Promise<Patron> {
  const patrons = await known(prm, typed)
  const meant = patrons.filter((one) => id === undefined || one.id === id)
  const [one, ...others] = meant
  if (one && others.length === 0) return one
  const ids = patrons.map((each) => each.id).join(', ')
  throw new PrmError(
    one ? 'conflict' : 'not_found',
    one
      ? `${patrons.length} patrons share this address. Name one with --patron: ${ids}.`
      : `Not at this address: ${ids} are.`,
    { field: '--patron' },
  )
}

/** Asks the rules themselves, without leaving a decision behind. */
async function mayBeTold(
  prm: AnyPrm,
  { id }: Patron,
): Promise<readonly { readonly purpose: string; readonly may: boolean; readonly why: string }[]> {
  const answers = []
  for (const [purpose, rule] of Object.entries(prm.options.purposes)) {
    if (!rule) continue
    const content = { text: 'A question that nobody is sent.' }
    const key = `may ${id} ${purpose}`
    const { outcome, reasons } = await prm.send({ to: id, purpose, content, key, dryRun: true })
    const against = reasons.filter(({ verdict }) => verdict !== 'pass').map(({ detail }) => detail)
    const via = outcome.send ? `by ${outcome.via}` : outcome.rule
    answers.push({ purpose, may: outcome.send, why: [`${via}.`, ...against].join(' ') })
  }
  return answers
}

/** What no preview without a notice can know: where the ILS asks for a medium, that one goes first. */
function noticesFirst(purposes: AnyPrm['options']['purposes'], names: readonly string[]): readonly string[] {
  const first = names.filter((name) => {
    const purpose = purposes[name]
    return purpose && (purpose.mediaPriority ?? ['notice'])[0] === 'notice'
  })
  if (first.length === 0) return []
  return [`    A notice for which the ILS requests another medium goes by that one (${first.join(', ')}).`]
}

/** One line, without titles: a desk has other eyes beside it. */
function inWords({ key, seen, type, source, data }: Interaction, zone: string): string {
  const said = data as {
    readonly content?: { readonly text: string }
    readonly via?: string
    readonly purpose?: string
    readonly state?: string
    readonly kind?: string
    readonly pickup?: string
    readonly raw?: string
  }
  const words = [said.via ?? source, said.purpose, said.kind, said.pickup, said.state, said.raw].filter(Boolean)
  const text = said.content?.text
  const at = seen === undefined ? '' : timeIn(zone, seen)
  const named = type === 'message.sent' ? `  [${key}]` : ''
  return `${at}  ${type}  ${words.join(', ')}${text === undefined ? '' : `: ${text}`}${named}`
}
