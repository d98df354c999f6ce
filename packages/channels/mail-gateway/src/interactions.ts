import { defineEvent, type EventType, type Interaction, type NoticeKind } from '@prm/core/adapter'
import { sha256 } from '@prm/kit'
import * as z from 'zod/mini'
import type { Mail } from './mail.ts'

/** A text that a library system wants one of its patrons to get, in the words of its own template. */
export interface NoticeMailed {
  readonly text: string
  readonly subject?: string
  /** Where the subject is one that Koha or Evergreen comes with. */
  readonly kind?: NoticeKind
  /** The envelope sender: the library's or the branch's own address. */
  readonly sender: string
}

export const noticeMailed: EventType<'notice.mailed', NoticeMailed> = defineEvent(
  'notice.mailed',
  z.object({
    text: z.string(),
    subject: z.exactOptional(z.string()),
    kind: z.exactOptional(z.custom<NoticeKind>((kind) => typeof kind === 'string')),
    sender: z.string(),
  }),
  { retention: '30d' },
)

/** The mailbox that was written to, and the number that it is. */
export interface Recipient {
  readonly address: string
  readonly e164: string
}

/** One fact for each number: a mail that its sender's queue brings again is the same facts. */
export function factsOf(
  { id, at, text, subject, kind }: Mail,
  sender: string,
  recipients: readonly Recipient[],
  { source, bounces }: { readonly source: string; readonly bounces: boolean },
): Interaction[] {
  const byNumber = new Map(recipients.map((recipient) => [recipient.e164, recipient]))
  return [...byNumber.values()].map(({ address, e164 }) => ({
    key: sha256(JSON.stringify([id, e164, subject ?? '', text])).hex,
    type: noticeMailed.name,
    source,
    who: { scheme: 'tel', value: e164 },
    ...(at && { at }),
    ...(bounces && { origin: originOf({ sender, address, id }) }),
    data: { text, sender, ...(subject && { subject }), ...(kind && { kind }) },
  }))
}

/** What a bounce needs to know; in the first two there is no blank. */
export interface Origin {
  readonly sender: string
  readonly address: string
  /** Its Message-ID, or a name of ours for a mail without one. */
  readonly id: string
}
function originOf({ sender, address, id }: Origin): string {
  return `mail:${sender} ${address} ${id}`
}
export function readOrigin(origin = ''): Origin | undefined {
  const [, sender, address, id] = /^mail:(\S+) (\S+) (.+)$/.exec(origin) ?? []
  return sender && address && id ? { sender, address, id } : undefined
}
