import { type Conversation, type Interaction, PrmError } from '@prm/core'
import type { Bit, Entry, Field, Filled, Form, Kind, Looked, Panel } from '@prm/inbox'
import { type Listening, stepOf } from './desk.ts'
import type { Answered, Decided, Drafted, Heard } from './events.ts'
import { type Mention, mentionOf } from './mention.ts'
import type { DecisionKind } from './tone.ts'

/** Mentions in the page of @prm/inbox, beside texts: `inboxPage({ …, kinds: [mentions(() => desk)] })`. */
export function mentions(desk: () => Listening): Kind {
  return {
    is: (conversation) => mentionOf(conversation) !== undefined,
    line: (conversation, now) => lineOf(theMention(conversation), now),
    panel: (looked) => panelOf(theMention(looked.conversation), looked),
    entry: (fact) => entries[fact.type]?.(fact as never),
    done: {
      decide: 'Decided.',
      draft: 'The draft waits for somebody else to approve it.',
      approve: 'Approved. It is posted as soon as it may.',
      back: 'Sent back.',
      byhand: 'Noted: it was answered there.',
    },
    act: (form, filled) => act(desk(), form, filled),
  }
}

function theMention(conversation: Conversation): Mention {
  return mentionOf(conversation) as Mention
}

// ── the list ─────────────────────────────────────────────────────────────────────────────────

const steps: { readonly [S in ReturnType<typeof stepOf>]: string } = {
  decide: 'to decide',
  judge: 'to judge: scored too low to be shown',
  answer: 'to answer',
  approve: 'to approve',
  wait: 'being posted',
  done: 'done',
}

function lineOf(mention: Mention, now: Date): readonly Bit[] {
  const { source, url, score, tone, due, copies, gone } = mention
  const step = stepOf(mention)
  const waits = step === 'decide' || step === 'judge'
  return [
    { text: source },
    ...(url === undefined ? [] : [{ text: 'the post', href: url }]),
    { text: `score ${score.toFixed(2)}` },
    { text: tone.sentiment },
    ...(copies.posts > 0 ? [{ text: `said by ${copies.posts} more (${copies.voices} accounts)` }] : []),
    ...(gone ? [{ text: 'taken back' }] : [{ text: steps[step] }]),
    ...(waits && !gone ? [{ text: 'by', at: due, late: due < now.toISOString() }] : []),
  ]
}

// ── one mention ──────────────────────────────────────────────────────────────────────────────

function panelOf(mention: Mention, { conversation, actor, now }: Looked): Panel {
  const { title, source, query, pack, reasons, decision, draft, approved, failed, gone, edited, copies } = mention
  const found = [pack, query].filter(Boolean).join(', ')
  const bits: Bit[] = [
    ...lineOf(mention, now),
    ...(found ? [{ text: `found by ${found}` }] : []),
    ...reasons.map((text) => ({ text })),
    ...(edited ? [{ text: 'edited' }] : []),
    ...(decision
      ? [{ text: `${decision.by} decided: ${decision.is}${decision.reason ? `, ${decision.reason}` : ''}` }]
      : []),
    ...(draft && !approved && !draft.back ? [{ text: mayApprove(mention, actor.id) }] : []),
    ...(failed === undefined ? [] : [{ text: `not posted: ${failed}`, late: true }]),
    ...reacted(mention),
    ...copies.links.slice(0, 5).flatMap(({ url }) => (url === undefined ? [] : [{ text: 'another', href: url }])),
  ]
  return {
    title: title ?? conversation.subject ?? (gone ? 'A post that was taken back' : `A post on ${source}`),
    bits,
    forms: gone ? [] : formsOf(mention, actor.id),
  }
}

function mayApprove({ draft, version }: Mention, me: string): string {
  if (draft?.version !== version) return 'the post was edited since the draft: it needs another'
  return draft.by === me ? 'you drafted it: somebody else may approve it' : `${draft.by} drafted it: you may approve it`
}

function reacted({ reactions, author }: Mention): readonly Bit[] {
  const counts = Object.entries(reactions).map(([kind, count]) => `${kind} ${count}`)
  return [
    ...(counts.length > 0 ? [{ text: `reactions: ${counts.join(', ')}` }] : []),
    ...(author === undefined ? [] : [{ text: `its author: ${author}` }]),
  ]
}

function formsOf(mention: Mention, me: string): readonly Form[] {
  const { draft, url, answerable } = mention
  const step = stepOf(mention)
  if (step === 'decide' || step === 'judge') return [decideForm(mention)]
  if (step === 'answer' && mention.approved && draft && !answerable) return [copyForm(draft.text, url)]
  if (step === 'answer') return [draftForm(mention)]
  if (step !== 'approve' || !draft) return []
  if (draft.by === me) return [draftForm(mention)]
  const n: Field = { is: 'hidden', name: 'n', value: `${draft.n}` }
  return [
    {
      name: 'approve',
      title: `Approve ${draft.by}’s draft`,
      hint: `“${draft.text}”${answerable ? ` It is posted on ${mention.source}, where anybody may read it.` : ' A person posts it there: no program may.'}`,
      fields: [n],
      button: answerable ? 'Approve and post' : 'Approve',
    },
    {
      name: 'back',
      title: 'Or send it back',
      fields: [n, { is: 'line', name: 'why', label: 'Why', required: true }],
      button: 'Send it back',
    },
  ]
}

const decisions: readonly { readonly value: DecisionKind; readonly label: string }[] = [
  { value: 'help', label: 'help: answer it' },
  { value: 'thank', label: 'thank: answer it' },
  { value: 'note', label: 'note: nothing to answer' },
  { value: 'ignore', label: 'ignore: not about us' },
]

function decideForm({ suggested }: Mention): Form {
  return {
    name: 'decide',
    title: 'Decide',
    hint: `Suggested: ${suggested}.`,
    fields: [
      { is: 'choice', name: 'is', label: 'What is done', value: suggested, options: decisions },
      { is: 'line', name: 'reason', label: 'Why' },
      { is: 'line', name: 'owner', label: 'Who sees to it' },
    ],
    button: 'Decide',
  }
}

function draftForm({ draft, source, answerable }: Mention): Form {
  const back = draft?.back ? ` ${draft.back.by} sent it back: ${draft.back.why}.` : ''
  return {
    name: 'draft',
    title: 'Draft an answer',
    hint: `For ${source}, in public, once somebody else approves it${answerable ? '' : '; a person posts it there'}.${back}`,
    fields: [{ is: 'lines', name: 'answer', label: 'Answer', required: true, ...(draft && { value: draft.text }) }],
    button: 'Keep the draft',
  }
}

function copyForm(text: string, url: string | undefined): Form {
  return {
    name: 'byhand',
    title: 'Post it there by hand',
    hint: `“${text}”${url === undefined ? '' : ` At ${url}`}`,
    fields: [{ is: 'line', name: 'url', label: 'Where it stands now' }],
    button: 'It is posted',
  }
}

// ── what was said and done ───────────────────────────────────────────────────────────────────

const entries: { readonly [type: string]: (fact: never) => Entry } = {
  'listening.heard': ({ data, seen }: Interaction<string, Heard>) => ({
    look: 'theirs',
    by: `Somebody on ${data.source}`,
    text: data.title && !data.text.startsWith(data.title) ? `${data.title}\n${data.text}` : data.text,
    ...when(seen),
  }),
  'listening.decided': (fact: Interaction<string, Decided>) => deed(fact, `decided: ${fact.data.is}`),
  'listening.reasoned': (fact: Interaction<string, { readonly why: string }>) =>
    deed(fact, `said why: ${fact.data.why}`),
  'listening.drafted': (fact: Interaction<string, Drafted>) => ({
    ...deed(fact, `drafted, ${fact.data.n}:`),
    look: 'note',
    text: fact.data.text,
  }),
  'listening.returned': (fact: Interaction<string, { readonly n: number; readonly why: string }>) =>
    deed(fact, `sent draft ${fact.data.n} back: ${fact.data.why}`),
  'listening.approved': (fact: Interaction<string, { readonly n: number }>) =>
    deed(fact, `approved draft ${fact.data.n}`),
  'listening.posted': (fact: Interaction<string, Answered>) =>
    deed(fact, fact.data.byHand ? 'answered there by hand' : 'posted the answer'),
  'listening.failed': (fact: Interaction<string, { readonly why: string }>) =>
    deed(fact, `could not post the answer: ${fact.data.why}`),
  'listening.reacted': (fact: Interaction<string, { readonly kind: string }>) =>
    deed(fact, `saw a reaction: ${fact.data.kind}`),
  'listening.joined': (fact: Interaction) => deed(fact, 'found another post that says the same'),
  'listening.gone': (fact: Interaction) => deed(fact, 'learnt that the post was taken back'),
  'listening.faded': (fact: Interaction) => deed(fact, 'forgot its words: their time is over'),
}

function deed({ by, seen }: Interaction, did: string): Entry {
  return { look: 'deed', by: by?.kind === 'staff' ? by.id : 'Automatic', did, ...when(seen) }
}
function when(at: string | undefined): Pick<Entry, 'at'> {
  return at === undefined ? {} : { at }
}

// ── doing ────────────────────────────────────────────────────────────────────────────────────

async function act(desk: Listening, form: string, { id, seen, actor, fields }: Filled): Promise<void> {
  const mine = desk.as(actor)
  const n = Number(fields.n)
  const optional = (name: 'reason' | 'owner' | 'url') => (fields[name] ? { [name]: fields[name] } : {})
  switch (form) {
    case 'decide':
      return mine.decide(id, { is: fields.is as DecisionKind, ...optional('reason'), ...optional('owner'), seen })
    case 'draft':
      return void (await mine.draft(id, fields.answer ?? '', { seen }))
    case 'approve':
      return mine.approve(id, { n, seen })
    case 'back':
      return mine.sendBack(id, { n, why: fields.why ?? '' })
    case 'byhand':
      return mine.byHand(id, { ...optional('url'), seen })
    default:
      throw new PrmError('invalid', 'There is no such button.', { field: 'do' })
  }
}
