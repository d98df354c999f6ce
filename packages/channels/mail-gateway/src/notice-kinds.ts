import type { NoticeKind } from '@prm/core/adapter'

/** The English subjects of Koha's sample notices (by text: sample_notices.yml) and of Evergreen's SendSMS templates. */
const known: readonly { readonly subject: RegExp; readonly kind: NoticeKind }[] = [
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
export function kindOf(subject: string): NoticeKind | undefined {
  return known.find((rule) => rule.subject.test(subject))?.kind
}
