import type { Conversation, NoticeKind, Ref } from '@prm/core'

/** A notice that a text may be about, as core puts it into `context`. */
export interface Matter {
  readonly notice: Ref
  readonly kind: NoticeKind
  readonly branch?: string
  readonly items: readonly { readonly id?: string; readonly day?: string; readonly title?: string }[]
}

/** The one that it is about, or those that it may be about. */
export function mattersOf({ context }: Conversation): readonly Matter[] {
  if (Array.isArray(context.matters)) return context.matters as unknown as readonly Matter[]
  return context.notice ? [context as unknown as Matter] : []
}

/** A line for staff and patrons; no title, unless core left one in. */
export function spokenMatter({ kind, branch, items }: Matter, locale = 'en-US'): string {
  const format = new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric', timeZone: 'UTC' })
  const days = [...new Set(items.flatMap(({ day }) => day?.slice(0, 10) ?? []))]
  const titles = items.flatMap(({ title }) => (title === undefined ? [] : [`"${title}"`]))
  const at = branch === undefined ? '' : ` at ${branch}`
  const by = days.length === 1 ? `, ${dayWord[kind] ?? 'due'} ${format.format(new Date(days[0] as string))}` : ''
  return `${kindWord[kind] ?? kind.replaceAll('-', ' ')}${at}${by}${titles.length > 0 ? ` (${titles.join(', ')})` : ''}`
}
const kindWord: { readonly [K in NoticeKind]?: string } = {
  'hold-ready': 'the hold that is ready',
  'hold-expiring': 'the hold that waits for you',
  'due-soon': 'the loan that is due soon',
  'due-today': 'the loan that is due today',
  overdue: 'the overdue loan',
  recall: 'the loan that is recalled',
  fine: 'the fine',
  lost: 'the lost item',
}
const dayWord: { readonly [K in NoticeKind]?: string } = { 'hold-ready': 'until', 'hold-expiring': 'until' }

export function whichOne(matters: readonly Matter[]): string {
  const lines = matters.map((matter, index) => `${index + 1}) ${spokenMatter(matter)}`)
  const numbers = matters.map((_, index) => index + 1)
  return `Which is this about? ${lines.join(' ')}. Reply ${numbers.slice(0, -1).join(', ')} or ${numbers.at(-1)}.`
}

/** The number that a text is, and no more than that; `NaN` else. */
export function numberIn(text: string): number {
  const [, digit] = /^\W*([1-9])\W*$/u.exec(text.normalize('NFKC')) ?? []
  return digit === undefined ? Number.NaN : Number(digit)
}
