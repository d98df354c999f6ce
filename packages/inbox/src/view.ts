import type { Actor, Address, Conversation, Instant, Interaction, Message, MessageReceived } from '@prm/core'
import type { Listed, Thread } from './desk.ts'
import { type Html, html } from './html.ts'
import type { Bit, Kind } from './kinds.ts'
import { mattersOf, spokenMatter } from './which.ts'

/** Where and for whom a page is made. */
export interface Place {
  readonly name: string
  readonly timeZone: string
  readonly locale: string
  /** The path of the list. */
  readonly base: string
  readonly actor: Actor
  readonly now: Date
  readonly token: string
  readonly queues: readonly string[]
  readonly kinds: readonly Kind[]
}

export interface List {
  readonly state: 'open' | 'mine' | 'waiting' | 'snoozed' | 'closed'
  readonly rows: readonly Listed[]
  readonly queue?: string
}

export type Shown = Thread & { readonly next?: string }

/** What came of what was asked last. */
export interface Said {
  readonly done?: string
  readonly problem?: string
  /** As it was typed, and in which form: nothing typed is lost. */
  readonly text?: string
  readonly at?: string
  /** Of a form of a kind of its own. */
  readonly fields?: { readonly [name: string]: string }
}

// ── the list ─────────────────────────────────────────────────────────────────────────────────

const tabs = [
  ['open', '', 'To answer'],
  ['mine', '?mine', 'With me'],
  ['waiting', '?state=waiting', 'Waiting for patrons'],
  ['snoozed', '?state=snoozed', 'Put off'],
  ['closed', '?state=closed', 'Closed'],
] as const

export function listPage(place: Place, { state, rows, queue }: List): Html {
  const title = tabs.find(([name]) => name === state)?.[2] ?? ''
  return whole(
    place,
    title,
    html`<nav aria-label="Conversations"><ul class="tabs">${tabs.map(
      ([name, query, label]) =>
        html`<li><a href="${place.base}/${query}"${name === state && html` aria-current="page"`}>${label}</a></li>`,
    )}</ul></nav>
<h1>${title}</h1>
${summary(place, state, rows)}
${state === 'open' && place.queues.length > 0 && queueForm(place, queue)}
${rows.length > 0 && html`<ol class="list" role="list">${rows.map((row) => line(place, row, state))}</ol>`}`,
  )
}

function summary(place: Place, state: List['state'], rows: readonly Listed[]): Html {
  const [first] = rows
  if (!first) return html`<p class="summary">${state === 'open' ? 'Nobody waits for an answer.' : 'Nothing here.'}</p>`
  const many = rows.length >= 100 ? 'The first 100' : `${rows.length}`
  if (state === 'snoozed') return html`<p class="summary">${many}, the soonest first.</p>`
  if (state === 'waiting' || state === 'closed') return html`<p class="summary">${many}, the newest first.</p>`
  const free = rows.filter(({ conversation }) => conversation.assignee === undefined).length
  return html`<p class="summary"><strong>${many}</strong> ${rows.length === 1 ? 'waits' : 'wait'}, the longest for <strong>${span(
    place.now.getTime() - Date.parse(first.waits),
  )}</strong>. ${free === 0 ? 'Each is with somebody.' : html`${free} ${free === 1 ? 'is' : 'are'} with nobody.`}</p>`
}

function queueForm({ base, queues }: Place, queue: string | undefined): Html {
  return html`<form class="row" method="get" action="${base}/">
<label for="queue">Queue</label>
<select id="queue" name="queue"><option value="">All</option>${queues.map(
    (one) => html`<option${one === queue && html` selected`}>${one}</option>`,
  )}</select>
<button class="quiet">Show</button></form>`
}

function line(place: Place, { conversation, waits }: Listed, state: List['state']): Html {
  const { id, subject, assignee, queue, tags, pending, patronId, failed, source, who } = conversation
  const ms = place.now.getTime() - Date.parse(waits)
  const acts = state === 'open' || state === 'mine'
  const about = spokenMatters(place, conversation)
  const kind = place.kinds.find((one) => one.is(conversation))
  // How long it may wait is its own to say.
  const late = acts && !kind && ms > lateMs
  const whose = html`<span>${source === 'prm' ? 'Task' : whoIs(who)}${source !== 'prm' && patronId === undefined && ', not known'}</span>`
  return html`<li><p class="head"><a dir="auto" href="${hrefOf(place, id)}">${subject ?? 'Without words'}</a>
<span class="${late ? 'late' : 'wait'}">${state === 'snoozed' ? html`until ${time(place, waits)}` : html`${acts ? 'waits' : 'since'} ${time(place, waits, span(ms))}`}</span></p>
<p class="facts">${kind ? kind.line(conversation, place.now).map((one) => bit(place, one)) : whose}
<span>${assignee === undefined ? html`<strong>with nobody</strong>` : `with ${assignee}`}</span>
${pending.length > 1 && html`<span>${pending.length >= 50 ? '50 or more' : pending.length} texts</span>`}
${failed !== undefined && html`<span class="late">the answer did not arrive</span>`}
${queue && html`<span>${queue}</span>`}${tags.map((tag) => html`<span class="tag">${tag}</span>`)}</p>
${about && html`<p class="facts">About ${about}</p>`}</li>`
}

/** A link leads to http and https only, whatever was given as one. */
export function bit(place: Place, { text, at, href, late }: Bit): Html {
  const words = html`${text}${at !== undefined && html` ${time(place, at)}`}`
  const url = href !== undefined && URL.canParse(href) ? new URL(href) : undefined
  const linked = url && /^https?:$/.test(url.protocol)
  return html`<span${late === true && html` class="late"`} dir="auto">${linked ? html`<a href="${url.href}" rel="noopener noreferrer" referrerpolicy="no-referrer">${words}</a>` : words}</span>`
}

/** When one that was put off comes back. */
export function untilOf({ context }: Conversation): Instant {
  return String(context.until ?? '')
}

/** Who waits longer than this is marked. */
const lateMs = 3_600_000

function spokenMatters({ locale }: Place, conversation: Conversation): string {
  return mattersOf(conversation)
    .map((matter) => spokenMatter(matter, locale))
    .join(' or ')
}

// ── one conversation ─────────────────────────────────────────────────────────────────────────

const doneWords: { readonly [what: string]: string } = {
  sent: 'Your answer is on its way.',
  'was-sent': 'Your answer had been sent already; it was not sent twice.',
  claim: 'It is with you now.',
  release: 'It is with nobody now.',
  assign: 'It was handed on.',
  move: 'It is in that queue now.',
  tag: 'The tags are kept.',
  note: 'Noted. Patrons never see notes.',
  snooze: 'It comes back then, or when the patron writes.',
  close: 'Closed.',
  reopen: 'It is open again.',
}

const states = { open: 'to answer', waiting: 'waiting for the patron', snoozed: 'put off', closed: 'closed' } as const

export function threadPage(place: Place, shown: Shown, said: Said): Html {
  const { conversation, patron, thread, more } = shown
  const { state, assignee, queue, tags, subject, into } = conversation
  const task = conversation.source === 'prm'
  const title = task ? (subject ?? 'Task') : (patron?.name ?? `Patron at ${whoIs(conversation.who)}`)
  const about = spokenMatters(place, conversation)
  return whole(
    place,
    task ? 'Task' : 'Conversation',
    html`<p class="back"><a href="${place.base}/">All that wait</a></p>
${outcome(place, shown, said)}
<h1>${title}</h1>
<p class="facts"><span class="state ${state}">${states[state]}${state === 'snoozed' && html` until ${time(place, untilOf(conversation))}`}</span>
<span>${assignee === undefined ? 'with nobody' : assignee === place.actor.id ? 'with you' : `with ${assignee}`}</span>
${task && patron?.name && html`<span>${patron.name}</span>`}
${!task && html`<span>${whoIs(conversation.who)}${conversation.patronId === undefined ? ', not known to the library' : ''}</span>`}
${queue && html`<span>${queue}</span>`}${tags.map((tag) => html`<span class="tag">${tag}</span>`)}</p>
${about && html`<p class="about">${Array.isArray(conversation.context.matters) ? 'It may be about' : 'About'} ${about}.</p>`}
${conversation.failed !== undefined && html`<p class="problem">The last answer did not arrive.</p>`}
${
  into === undefined
    ? html`<div class="row">${assignee === place.actor.id ? button(place, shown, 'release', 'Give it back') : button(place, shown, 'claim', 'Take it')}
${state === 'closed' && button(place, shown, 'reopen', 'Open it again')}</div>`
    : html`<p class="problem">It was merged: <a href="${hrefOf(place, into)}">it goes on there</a>.</p>`
}
<h2 id="said">What was said</h2>
${more && html`<p class="hint">Only the last ${thread.length}: there is more before.</p>`}
<ol class="thread" role="list" aria-labelledby="said">${thread.map((one) => told(place, one))}</ol>
${into === undefined && [!task && replyForm(place, shown, said), state !== 'closed' && closeForm(place, shown), otherForms(place, shown, said)]}`,
  )
}

/** What came of what was asked last; only words of the page's own, or of a kind, are shown for what was done. */
export function outcome(place: Place, { next }: Shown, { done = '', problem }: Said, more: Kind['done'] = {}): Html {
  const words = [more, doneWords].find((one) => Object.hasOwn(one, done))?.[done]
  return html`${words !== undefined && html`<p class="done" id="done" role="status" tabindex="-1">${words}${next !== undefined && html` <a href="${hrefOf(place, next)}">Next: who waits longest</a>`}</p>`}
${problem && html`<p class="problem" id="done" role="alert" tabindex="-1">${problem}</p>`}`
}

/** What was said or done, where this page knows its words. */
export function told(place: Place, one: Interaction): Html | false {
  const at = time(place, one.seen ?? '')
  if (one.type === 'message.received') {
    const { content } = one.data as MessageReceived
    const pictures = content.media?.length ?? 0
    return html`<li class="theirs"><p class="by"><strong>Patron</strong> ${at}</p><p class="text" dir="auto">${content.text}</p>
${pictures > 0 && html`<p class="hint">and ${pictures} ${pictures === 1 ? 'picture' : 'pictures'}</p>`}</li>`
  }
  if (one.type === 'message.sent') {
    const { content, state } = one.data as Pick<Message, 'content' | 'state'>
    return html`<li class="ours"><p class="by"><strong>${one.by?.kind === 'staff' ? one.by.id : 'Automatic'}</strong> ${at} <span class="state-of">${stateWords[state] ?? state}</span></p>
<p class="text" dir="auto">${content.text}</p></li>`
  }
  const said = deeds[one.type]?.(one.data as never)
  if (said === undefined) return false
  const note = one.type === 'inbox.noted'
  return html`<li class="${note ? 'note' : 'deed'}"><p class="by"><strong>${one.by?.id ?? 'Automatic'}</strong> ${said} ${at}</p>
${note && html`<p class="text" dir="auto">${(one.data as { text: string }).text}</p>`}</li>`
}

const stateWords: { readonly [S in Message['state']]?: string } = {
  planned: 'goes as soon as it may',
  unknown: 'perhaps sent: it is being asked',
  accepted: 'sent',
  undelivered: 'did not arrive',
  rejected: 'was refused',
  expired: 'not sent: too late',
  cancelled: 'not sent',
}

const deeds: { readonly [type: string]: (data: never) => string } = {
  'inbox.claimed': () => 'took it',
  'inbox.released': () => 'gave it back',
  'inbox.assigned': ({ to }: { to: string }) => `gave it to ${to}`,
  'inbox.moved': ({ queue }: { queue: string }) => (queue ? `put it into ${queue}` : 'took it out of its queue'),
  'inbox.tagged': ({ add, remove }: { add: readonly string[]; remove: readonly string[] }) =>
    `tagged it ${[...add, ...remove.map((tag) => `not ${tag}`)].join(', ')}`,
  'inbox.noted': () => 'noted for staff',
  'inbox.snoozed': () => 'put it off',
  'inbox.closed': ({ readLevel, transactionClass }: { readLevel?: number; transactionClass?: string }) =>
    ['closed it', readLevel && `READ ${readLevel}`, transactionClass].filter(Boolean).join(', '),
  'inbox.reopened': () => 'opened it again',
  'inbox.bound': () => 'learnt which matter it is about',
  'inbox.opened': ({ subject }: { subject: string }) => `made this task: ${subject}`,
  'inbox.joined': () => 'merged another conversation into this one',
  'inbox.merged': () => 'merged it into another conversation',
  'inbox.parted': () => 'took a merged conversation out again',
  'inbox.unmerged': () => 'took it out of the other conversation',
  'inbox.split': () => 'made this conversation of another one',
  'inbox.left': () => 'made another conversation of some texts',
}

// ── forms ────────────────────────────────────────────────────────────────────────────────────

function hidden({ token }: Place, { conversation }: Shown, what: string): Html {
  return html`<input type="hidden" name="token" value="${token}"><input type="hidden" name="seen" value="${conversation.turn}"><input type="hidden" name="do" value="${what}">`
}

export function form(place: Place, shown: Shown, what: string, inner: Html, kind = ''): Html {
  // What was refused is where reading goes on, as what was done is.
  return html`<form class="${kind}" method="post" action="${hrefOf(place, shown.conversation.id)}#done">${hidden(place, shown, what)}${inner}</form>`
}

export function button(place: Place, shown: Shown, what: string, label: string): Html {
  return form(place, shown, what, html`<button class="quiet">${label}</button>`)
}

function replyForm(place: Place, shown: Shown, { text, at }: Said): Html {
  const { who, to, last, assignee } = shown.conversation
  const [target, from] = [last?.who ?? who, last?.to ?? to]
  return form(
    place,
    shown,
    'reply',
    html`<h2><label for="answer">Answer</label></h2>
<textarea id="answer" name="text" rows="4" maxlength="1600" required aria-describedby="goes">${at === 'reply' && text}</textarea>
<p class="hint" id="goes">Goes to ${whoIs(target)}${from && html` from ${from.value}`}. About 150 letters are one text; each text costs.${assignee !== undefined && assignee !== place.actor.id && html` <strong>${assignee} has it.</strong>`}</p>
<button>Send the answer</button>`,
    'reply',
  )
}

const levels = [
  'no effort: known by heart',
  'a quick look',
  'some effort, one source or two',
  'several sources, and what one has learnt',
  'much effort and time, special knowledge',
  'research over hours or days',
] as const
const classes = ['reference', 'directional', 'technical', 'policy'] as const

function closeForm(place: Place, shown: Shown): Html {
  return form(
    place,
    shown,
    'close',
    html`<h2>Close</h2>
<p class="fields"><span><label for="read">READ level</label>
<select id="read" name="read"><option value="">not coded</option>${levels.map(
      (word, index) => html`<option value="${index + 1}">${index + 1}: ${word}</option>`,
    )}</select></span>
<span><label for="class">Kind of question</label>
<select id="class" name="class"><option value="">not coded</option>${classes.map((one) => html`<option>${one}</option>`)}</select></span></p>
<button class="quiet">Close it</button>`,
    'close',
  )
}

export function otherForms(place: Place, shown: Shown, { text, at }: Said): Html {
  const typed = (what: string) => at === what && text
  const own = place.kinds.some((one) => one.is(shown.conversation))
  const { queue } = shown.conversation
  const queues = new Set([...place.queues, ...(queue ? [queue] : [])])
  const tags = shown.conversation.tags.join(', ')
  const field = (what: string, label: string, press: string): Html =>
    form(
      place,
      shown,
      what,
      html`<label for="${what}">${label}</label> <input id="${what}" name="text" value="${typed(what)}" required autocomplete="off"> <button class="quiet">${press}</button>`,
      'row',
    )
  return html`<details${at !== undefined && ['note', 'assign', 'tag', 'snooze'].includes(at) && html` open`}><summary>Note, hand on, ${own ? 'tags' : 'put off'}</summary>
${form(
  place,
  shown,
  'note',
  html`<label for="note">Note for staff</label><textarea id="note" name="text" rows="2" required>${typed('note')}</textarea><button class="quiet">Keep the note</button>`,
)}
${field('assign', 'Hand on to', 'Hand on')}
${place.queues.length > 0 && form(place, shown, 'move', html`<label for="move">Queue</label> <select id="move" name="text"><option value=""${!queue && html` selected`}>none</option>${[...queues].map((one) => html`<option${one === queue && html` selected`}>${one}</option>`)}</select> <button class="quiet">Put it there</button>`, 'row')}
${form(place, shown, 'tag', html`<input type="hidden" name="had" value="${tags}"><label for="tag">Tags</label> <input id="tag" name="text" value="${at === 'tag' ? text : tags}" aria-describedby="apart" autocomplete="off"> <button class="quiet">Keep the tags</button> <span class="hint" id="apart">with commas between them</span>`, 'row')}
${!own && form(place, shown, 'snooze', html`<label for="hours">Put off for</label> <select id="hours" name="hours"><option value="1">an hour</option><option value="4">4 hours</option><option value="24">a day</option><option value="168">a week</option></select> <button class="quiet">Put off</button>`, 'row')}
</details>`
}

// ── the frame ────────────────────────────────────────────────────────────────────────────────

export function messagePage(place: Place, title: string, text: string): Html {
  return whole(place, title, html`<h1>${title}</h1><p>${text}</p><p><a href="${place.base}/">All that wait</a></p>`)
}

export function whole({ name, base, locale, actor }: Place, title: string, main: Html): Html {
  const page = html`<html lang="en" data-locale="${locale}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">
<title>${title} · ${name}</title><link rel="stylesheet" href="${base}/style.css"></head>
<body><a class="skip" href="#main">To the content</a>
<header><a href="${base}/">Inbox</a> <span>${name}</span> <span class="me">${actor.id}</span></header>
<main id="main" tabindex="-1">${main}</main></body></html>`
  return { html: `<!doctype html>${page.html}` }
}

function hrefOf({ base }: Place, id: Conversation['id']): string {
  return `${base}/c/${encodeURIComponent(id)}`
}

/** The last four figures are enough to tell two patrons apart. */
function whoIs(who: Address | undefined): string {
  if (!who) return 'nobody'
  if (who.scheme === 'tel') return `…${who.value.slice(-4)}`
  return who.value.replace(/^(.).*(?=@)/, '$1…')
}

export function time({ timeZone, locale }: Place, at: string, words?: string): Html {
  const when = new Date(at)
  if (Number.isNaN(when.getTime())) return html``
  const format = new Intl.DateTimeFormat(locale, {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: 'numeric',
    minute: '2-digit',
  })
  const spoken = format.format(when)
  return html`<time datetime="${at}"${words !== undefined && html` title="${spoken}"`}>${words ?? spoken}</time>`
}

function span(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000))
  if (minutes === 0) return 'less than a minute'
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h ${minutes % 60} min`
  return `${Math.floor(hours / 24)} days`
}
