import type { Address, Interaction, KnowledgePage, MentionSeen, Metric, QuestionAsked } from '@prm/core'
import type { Search } from './gaps.ts'
import type { Move } from './page-id.ts'
import { addressOf, type Kind, known, type Post, type Rows, type Said, type Version } from './quotes.ts'
import type { Transaction } from './transaction.ts'

// What core and its adapters tell, as what reports are made of.

/**
 * What was asked, written or posted: of `question.asked`, `message.received`, `mention.seen` and what else has a text. Nothing
 * where there is none. A mention is `mention`; say `mention forum` for a source that is to count by itself.
 */
export function said(fact: Interaction, kind?: Kind): Said | undefined {
  const { type, source, key, at = fact.seen, page, to } = fact
  const text = textOf(fact)
  if (text === undefined) return undefined
  const mention = type === 'mention.seen'
  const medium = type === 'question.asked' ? (fact.data as QuestionAsked).medium : undefined
  const address = page ? addressOf(page) : to?.scheme === 'web' ? to.value : undefined
  return {
    id: `${source} ${key}`,
    kind: kind ?? medium ?? (mention ? 'mention' : 'text'),
    text,
    ...(at !== undefined && { at }),
    ...voiceOf(fact),
    ...(mention && { post: postOf(fact as Interaction<string, MentionSeen>) }),
    ...(address !== undefined && { page: address }),
    ...(page?.heading !== undefined && { heading: page.heading }),
    ...(page?.version !== undefined && { version: page.version }),
  }
}

/**
 * Whose voice it is. An answer to a public post is of the voice of its thread, and of no other: whoever answers in many
 * threads does not make them one.
 */
function voiceOf(fact: Interaction): Pick<Said, 'person' | 'thread' | 'independence'> {
  const { type, source, thread, conversationId, evidence, data } = fact
  const mention = type === 'mention.seen'
  const exchange = conversationId ?? (thread === undefined ? undefined : `${source} ${thread}`)
  if (mention && exchange !== undefined && (data as MentionSeen).inReplyTo !== undefined) return { thread: exchange }
  const person = mention ? evidence?.person : personOf(fact)
  return {
    ...(person !== undefined && { person }),
    ...(exchange !== undefined && { thread: exchange }),
    ...(evidence && { independence: evidence.independence }),
  }
}

function postOf({ source, key, who, seen, at, data }: Interaction<string, MentionSeen>): Post {
  const told = seen ?? at
  return {
    id: who ? addressName(who) : `${source} ${key}`,
    as: data.gone ? 'gone' : data.edited ? 'edited' : 'said',
    ...(data.url !== undefined && { link: data.url }),
    ...(told !== undefined && { told }),
  }
}

/** A `question.asked` for the reference statistics. Nothing of other facts, and of those that nobody dated. */
export function transaction(fact: Interaction): Transaction | undefined {
  const { type, source, key, at, branch } = fact
  if (type !== 'question.asked' || at === undefined) return undefined
  const { medium, answered, closed, open, readLevel, transactionClass } = fact.data as QuestionAsked
  const person = personOf(fact)
  return {
    id: `${source} ${key}`,
    asked: at,
    kind: medium,
    ...(answered !== undefined && { answered }),
    ...(answered === undefined && open !== true && { untimed: true as const }),
    ...(closed !== undefined && { closed }),
    ...(readLevel !== undefined && { readLevel }),
    ...(transactionClass !== undefined && { transactionClass }),
    ...(branch !== undefined && { desk: branch }),
    ...(person !== undefined && { person }),
  }
}

/** A `page.changed` as the version that it made. Nothing of other facts, and of those without a page or a day. */
export function version({ type, at, page, data }: Interaction): Version | undefined {
  if (type !== 'page.changed' || !page || at === undefined) return undefined
  const { before } = data as { readonly before?: string }
  return { page: addressOf(page), version: page.version ?? at, from: at, ...(before !== undefined && { before }) }
}

/** A row of searches of the metrics facet. Nothing of other rows, and where nobody counted how often it was made. */
export function search(metric: Metric, source: string): Search | undefined {
  const times = known(metric.views)
  if (!metric.search || times === undefined || times < 1) return undefined
  const { text, results } = metric.search
  return {
    id: `${source} ${metric.day} ${text}`,
    text,
    at: metric.day,
    times,
    ...(results !== undefined && { results }),
  }
}

/** Titles, and for pages that have an address, what their system's id leads to: so that rows with either are one page. */
export async function knownPages(
  pages: Rows<KnowledgePage>,
): Promise<{ readonly titles: { readonly [page: string]: string }; readonly moves: readonly Move[] }> {
  const titles: Record<string, string> = {}
  const moves: Move[] = []
  for await (const { ref, title } of pages) {
    titles[addressOf(ref)] = title
    const { system, id, url } = ref
    if (url !== undefined) moves.push({ from: addressOf({ system, id }), to: url })
  }
  return { titles, moves }
}

function personOf({ evidence, patronId, who }: Interaction): string | undefined {
  return evidence?.person ?? patronId ?? (who && addressName(who))
}

function addressName({ scheme, realm, value }: Address): string {
  return [scheme, realm, value].filter(Boolean).join(' ')
}

function textOf({ data }: Interaction): string | undefined {
  const { text, title, content } = (data ?? {}) as {
    readonly text?: unknown
    readonly title?: unknown
    readonly content?: { readonly text?: unknown; readonly subject?: unknown }
  }
  const words = content ? content.text : text
  const above = content ? content.subject : title
  if (typeof words !== 'string') return undefined
  return typeof above === 'string' && !words.startsWith(above) ? `${above}\n${words}` : words
}
