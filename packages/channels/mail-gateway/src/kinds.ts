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

/** The English subjects of Koha's sample notices (by text: sample_notices.yml) and of Evergreen's SendSMS templates. */
const known: readonly KindRule[] = [
  { subject: /^hold(\(s\))? available for pickup\b/i, kind: 'hold-ready' },
  { subject: /^\d+ hold\(s\) ready$/i, kind: 'hold-ready' },
  { subject: /^(advance notice of item due|library materials due soon)$/i, kind: 'due-soon' },
  { subject: /^item due reminder$/i, kind: 'due-today' },
  { subject: /^item overdue$/i, kind: 'overdue' },
  { subject: /^item renewals$/i, kind: 'renewed' },
  { subject: /^checkouts$/i, kind: 'check-out' },
  { subject: /^check-ins$/i, kind: 'check-in' },
]

/** What the subject tells of, if it does. */
export function kindOf(subject: string, rules: readonly KindRule[] = []): NoticeKind | undefined {
  return [...rules, ...known].find((rule) => rule.subject.test(subject))?.kind
}
