import { type Interaction, type QuestionAsked, questionAsked } from '@prm/core/adapter'
import { sha256 } from '@prm/kit'
import { type Clock, type Dating, folded, readDate, shownText, type Wall, whenOf } from '@prm/kit-pages'
import type { Role } from './columns.ts'
import type { Exports } from './config.ts'
import { pageAt } from './page.ts'

export type Cells = { readonly [role in Role]?: string }

export interface Place {
  readonly of: Exports['of']
  readonly source: string
  readonly dating: Dating
  readonly clock: Clock
  readonly dataset?: string | undefined
}
export type Told =
  | { readonly fact: Interaction; readonly guessed?: true; readonly withoutId: boolean }
  | { readonly why: string }

const kinds = { chats: 'chat', tickets: 'ticket', transactions: 'transaction' } as const
const media = { chats: 'chat', tickets: 'ticket', transactions: 'desk' } as const

/** One chat, ticket or tally as a fact. The key is the source's own id, or of when and what where it has none. */
export function questionOf(cells: Cells, other: { readonly [name: string]: string }, place: Place): Told {
  const { of, source, dating, clock, dataset } = place
  const written = [cells.at, cells.time].filter(Boolean).join(' ')
  if (written === '') return { why: 'it has no date' }
  const when = whenOf(written, dating, clock)
  if ('why' in when) return { why: `${when.why}: set \`dates\` to "month first" or "day first" if it is one` }
  const transcript = cells.transcript === undefined ? undefined : shownText(lines(cells.transcript))
  const text = [cells.question, cells.details]
    .flatMap((html) => (html === undefined ? [] : shownText(html) || []))
    .join('\n\n')
  const known = cells.id ?? (of === 'chats' ? cells.chat : of === 'tickets' ? cells.ticket : undefined)
  const id = known !== undefined && !/^0*$/.test(known) ? known : undefined
  const kept: { [name: string]: string } = { ...other }
  const first = answeredAt(transcript, cells.answerer, when.wall, clock) ?? instantIn(cells.answered, place)
  const closed = of === 'chats' ? closedAt(when.wall, cells.duration, clock) : instantIn(cells.closed, place)
  const open = openOf(cells.status)
  const read = fits(kept, 'READ', cells.read, readOf)
  const kind = fits(kept, 'Type', cells.class, classOf)
  const medium = fits(kept, 'Mode', cells.medium, mediumOf)
  if (cells.duration !== undefined) kept.Duration = cells.duration
  if (cells.answer !== undefined) kept.Answer = shownText(cells.answer)
  if (transcript) kept.Transcript = transcript
  const data: QuestionAsked = {
    medium: medium ?? media[of],
    ...(text && { text }),
    ...(first && { answered: first }),
    ...(closed && { closed }),
    ...(open !== undefined && { open }),
    ...(read && { readLevel: read }),
    ...(kind && { transactionClass: kind }),
    ...(cells.queue !== undefined && { queue: cells.queue }),
    ...(cells.tags !== undefined && { tags: cells.tags.split(/\s*[,;|]\s*/).filter(Boolean) }),
    ...(Object.keys(kept).length > 0 && { other: kept }),
  }
  // What is tallied of a chat or a ticket is one voice with it.
  const [chat, ticket] = of === 'transactions' ? [cells.chat, cells.ticket] : []
  const own = `${kinds[of]} ${of === 'transactions' && dataset ? `${dataset}/` : ''}`
  const key = own + (id ?? `at ${when.at} ${sha256(JSON.stringify([text, transcript ?? ''])).hex.slice(0, 32)}`)
  const page = cells.page === undefined ? undefined : pageAt(cells.page)
  const email = /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(cells.email ?? '') ? cells.email?.toLowerCase() : undefined
  const fact: Interaction = {
    key,
    type: questionAsked.name,
    source,
    at: when.at,
    data,
    ...(email !== undefined && { who: { scheme: 'mailto', value: email } }),
    ...(page && { page }),
    ...(cells.answerer !== undefined && { by: { kind: 'staff', id: cells.answerer } }),
    evidence: { independence: chat ? `chat ${chat}` : ticket ? `ticket ${ticket}` : key },
  }
  return { fact, withoutId: id === undefined, ...(when.guessed && { guessed: true }) }
}

/** What a cell means; one that we do not know is kept as it is. */
function fits<T>(
  kept: { [name: string]: string },
  name: string,
  cell: string | undefined,
  read: (cell: string) => T | undefined,
): T | undefined {
  const value = cell === undefined ? undefined : read(cell)
  if (cell !== undefined && value === undefined) kept[name] = cell
  return value
}

/** `3`, `READ 3`, `Level 3: …`. */
const readOf = (cell: string): QuestionAsked['readLevel'] =>
  (Number(/^\D*([1-6])(?![\d.])/.exec(cell)?.[1]) || undefined) as QuestionAsked['readLevel']

const classes = {
  reference: /^(reference|research|referencia|investigacion|recherche)/,
  directional: /^(direction|orientacion)/,
  technical: /^(tech|tecn)/,
  policy: /^(polic|polit)/,
} as const
function classOf(cell: string): QuestionAsked['transactionClass'] {
  const found = Object.entries(classes).find(([, begins]) => begins.test(folded(cell)))
  return found?.[0] as QuestionAsked['transactionClass']
}

const words: { readonly [medium: string]: RegExp } = {
  chat: /^(chat|libchat|clavardage)/,
  email: /^(e ?mail|correo|courriel)/,
  voice: /^(phone|telephone|telefono|call)/,
  sms: /^(sms|text)/,
  desk: /^(in person|walk in|desk|face to face|en persona|en personne)/,
  ticket: /^(ticket|web form|question form|formulario|formulaire)/,
}
const mediumOf = (cell: string): string | undefined =>
  Object.entries(words).find(([, begins]) => begins.test(folded(cell)))?.[0]

function openOf(status: string | undefined): boolean | undefined {
  const word = folded(status ?? '')
  if (/^(closed|answered|resolved|cerrad|ferme|spam)/.test(word)) return false
  return /^(new|open|pending|nuev|abiert|pendiente|nouveau|ouvert|en attente)/.test(word) ? true : undefined
}

// ── when ─────────────────────────────────────────────────────────────────────────────────────
function instantIn(written: string | undefined, { dating, clock }: Place): string | undefined {
  const when = written === undefined ? undefined : whenOf(written, dating, clock)
  return when && 'at' in when && when.at.length > 10 ? when.at : undefined
}

/** The first line of whoever answered; lines are `10:05:07 - Speaker : text`. */
function answeredAt(transcript = '', answerer: string | undefined, wall: Wall, clock: Clock): string | undefined {
  if (answerer === undefined) return undefined
  const who = folded(answerer)
  for (const line of transcript.split('\n')) {
    const [, time = '', speaker = ''] = /^(\d{1,2}:\d{2}(?::\d{2})?) - ([^:]+?)\s*:/.exec(line) ?? []
    if (who === '' || folded(speaker) !== who) continue
    const day = wall - (wall % 86_400_000)
    const said = readDate(`2000-01-01 ${time}`)?.walls['day first']
    if (said === undefined) return undefined
    const at = day + (said % 86_400_000)
    // After midnight it is the next day; without seconds it may seem to be before the beginning.
    const later = at < wall - 60_000 ? at + 86_400_000 : Math.max(at, wall)
    return later - wall < 43_200_000 ? clock.instant(later) : undefined
  }
  return undefined
}

/** Seconds, or `0:12:07`. */
function closedAt(wall: Wall, duration: string | undefined, clock: Clock): string | undefined {
  const parts = /^\d+(:\d{1,2}){0,2}$/.test(duration ?? '') ? (duration ?? '').split(':').map(Number) : []
  return parts.length === 0 ? undefined : clock.instant(wall + parts.reduce((sum, part) => sum * 60 + part, 0) * 1000)
}

/** Its own line ends are kept where its mark-up is read. */
const lines = (html: string): string => html.replace(/\r?\n/g, '<br>')
