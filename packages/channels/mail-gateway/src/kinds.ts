import type { NoticeKind } from '@prm/core'
import type { KindRule } from './config.ts'

/** Core's kinds of notices, which it exports as a type only. */
export const kinds: readonly [NoticeKind, ...NoticeKind[]] = [
  'hold-ready',
  'hold-expiring',
  'hold-cancelled',
  'hold-soon',
  'due-soon',
  'due-today',
  'overdue',
  'recall',
  'renewed',
  'fine',
  'lost',
  'card-expiring',
  'welcome',
  'check-out',
  'check-in',
  'suspended',
]

/** What Koha's and Evergreen's own templates say in English. */
const known: readonly KindRule[] = []

/** What the subject tells of, if it does. */
export function kindOf(subject: string, rules: readonly KindRule[] = []): NoticeKind | undefined {
  return [...rules, ...known].find((rule) => rule.subject.test(subject))?.kind
}
