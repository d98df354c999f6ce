import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { type Actor, type Awaitable, type Context, type Page, PrmError } from '@prm/core'
import { type Inbox, type InboxOptions, inbox, type Thread } from './desk.ts'
import type { ReadLevel, TransactionClass } from './events.ts'
import type { Html } from './html.ts'
import type { Kind } from './kinds.ts'
import { ownPrefix, panelPage } from './panel.ts'
import { style } from './style.ts'
import { listPage, messagePage, type Place, type Said, type Shown, threadPage, untilOf } from './view.ts'

export interface PageOptions extends InboxOptions<string> {
  /** Whose name stands above, and in whose zone and language times are told. */
  readonly library: { readonly name: string; readonly timeZone: string; readonly locale: string }
  /**
   * Who asks: by the host's own session. Nothing: refused. A `Response`, such as a redirect to the sign-in, is sent as it
   * is. Without this function nobody is let in.
   */
  readonly authorize?: (request: Request) => Awaitable<Actor | Response | undefined>
  /** Signs the forms: 16 characters or more, the same on all machines. */
  readonly secret: string
  /** The queues to choose from. */
  readonly queues?: readonly string[]
  /** What else stands in it than what patrons write, each with its own line, panel and forms: `mentions` of @prm/listening. */
  readonly kinds?: readonly Kind[]
}

/** The page for `pages` of `createPrm`: list, thread, answer. It needs no JavaScript. Throws `config` naming the field. */
export function inboxPage(options: PageOptions): Page {
  if (typeof options.secret !== 'string' || options.secret.length < 16)
    throw new PrmError('config', 'inboxPage: secret must be a text of 16 characters or more.', { field: 'secret' })
  return async (request, prm, ctx) => {
    const actor = await options.authorize?.(request)
    if (actor instanceof Response) return actor
    if (!actor) {
      const why = options.authorize
        ? 'You may not see the inbox. Sign in as staff, and try again.'
        : 'Nobody may see the inbox: inboxPage was given no authorize(request), which says who may.'
      return new Response(why, { status: 403, headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' } })
    }
    const base = ctx.publicUrl === undefined ? `/${ctx.id}` : new URL(ctx.publicUrl).pathname
    const place: Place = {
      ...options.library,
      base,
      actor,
      now: ctx.now(),
      token: tokenOf(options.secret, actor),
      queues: options.queues ?? [],
      kinds: options.kinds ?? [],
    }
    const desk = inbox(prm, options).as(actor)
    try {
      return await answer({ request, place, desk, ctx })
    } catch (error) {
      if (!PrmError.is(error) || error.code !== 'not_found') throw error
      return page(
        404,
        messagePage(place, 'There is no such conversation', 'It may have been erased, or its time was over.'),
      )
    }
  }
}

interface Asked {
  readonly request: Request
  readonly place: Place
  readonly desk: Inbox
  readonly ctx: Context
}

async function answer({ request, place, desk, ctx }: Asked): Promise<Response> {
  const url = new URL(request.url)
  // A mount may have cut off what stands before the page's own name.
  const mount = [place.base, `/${ctx.id}`].find((one) => `${url.pathname}/`.startsWith(`${one}/`)) ?? ''
  const path = url.pathname.slice(mount.length).replace(/\/$/, '')
  const reads = request.method === 'GET' || request.method === 'HEAD'
  if (reads && path === '/style.css')
    return new Response(style, { headers: { ...headers, 'content-type': 'text/css; charset=utf-8' } })
  if (reads && path === '') return page(200, await listed(place, desk, url.searchParams))
  const [, coded] = /^\/c\/([^/]+)$/.exec(path) ?? []
  const id = coded === undefined ? undefined : decoded(coded)
  if (id === undefined) return page(404, messagePage(place, 'There is no such page', 'The list shows all that waits.'))
  if (reads) return page(200, await shown(place, desk, id, { done: url.searchParams.get('done') ?? '' }))
  if (request.method !== 'POST')
    return new Response('GET or POST.', { status: 405, headers: { ...headers, allow: 'GET, HEAD, POST' } })
  if (!request.headers.get('content-type')?.startsWith('application/x-www-form-urlencoded'))
    return page(415, messagePage(place, 'This is no form of ours', 'Open the conversation, and send its form.'))
  const form = new URLSearchParams(await request.text())
  if (!isOurs(request, ctx) || !sameToken(form.get('token') ?? '', place.token))
    return page(
      403,
      messagePage(
        place,
        'This form did not come from here',
        'Nothing was done. Open the conversation, and do it there.',
      ),
    )
  return done(place, desk, id, form)
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}

// ── looking ──────────────────────────────────────────────────────────────────────────────────

const mostListed = 100

async function listed(place: Place, desk: Inbox, query: URLSearchParams): Promise<Html> {
  const queue = query.get('queue') || undefined
  const state = query.get('state')
  const of = { ...(queue !== undefined && { queue }), limit: mostListed }
  if (state === 'waiting' || state === 'closed')
    return listPage(place, {
      state,
      rows: (await desk.among(state, mostListed)).map((one) => ({ conversation: one, waits: one.since })),
    })
  if (state === 'snoozed') {
    const rows = (await desk.among(state, mostListed)).map((one) => ({ conversation: one, waits: untilOf(one) }))
    return listPage(place, { state, rows: rows.sort((a, b) => (a.waits < b.waits ? -1 : 1)) })
  }
  if (query.has('mine'))
    return listPage(place, { state: 'mine', rows: await desk.list({ ...of, assignee: place.actor.id }) })
  return listPage(place, { state: 'open', rows: await desk.list(of), ...(queue !== undefined && { queue }) })
}

async function shown(place: Place, desk: Inbox, id: string, said: Said): Promise<Html> {
  const thread = await desk.thread(id)
  const next = (await desk.list()).find(
    ({ conversation }) => conversation.id !== id && [undefined, place.actor.id].includes(conversation.assignee),
  )
  const all: Shown = { ...thread, ...(next && { next: next.conversation.id }) }
  const kind = kindOf(place, thread)
  if (!kind) return threadPage(place, all, said)
  return panelPage(
    place,
    all,
    kind,
    await kind.panel({ conversation: thread.conversation, actor: place.actor, now: place.now }),
    said,
  )
}

function kindOf(place: Place, { conversation }: Pick<Thread, 'conversation'>): Kind | undefined {
  return place.kinds.find((one) => one.is(conversation))
}

// ── doing ────────────────────────────────────────────────────────────────────────────────────

/** What is done shows after a redirect, so that a reload does nothing again; what is refused shows with the text as typed. */
async function done(place: Place, desk: Inbox, id: string, form: URLSearchParams): Promise<Response> {
  const text = (form.get('text') ?? '').trim().replaceAll('\r\n', '\n')
  const fields = Object.fromEntries([...form].map(([name, value]) => [name, value.trim().replaceAll('\r\n', '\n')]))
  const seen = /^\d+$/.test(form.get('seen') ?? '') ? Number(form.get('seen')) : Number.NaN
  const again = async (status: number, problem: string): Promise<Response> =>
    page(status, await shown(place, desk, id, { problem, text, at: form.get('do') ?? '', fields }))
  if (!Number.isInteger(seen)) return again(400, 'The form was not whole. Nothing was done.')
  const what = form.get('do') ?? ''
  const kind = place.kinds.length > 0 ? kindOf(place, await desk.thread(id, 1)) : undefined
  if (kind && /^(?:reply|snooze|close|reopen)$/.test(what))
    return again(400, 'There is no such button. Nothing was done.')
  try {
    if (kind && what.startsWith(ownPrefix)) {
      const name = what.slice(ownPrefix.length)
      const { token: _, seen: __, do: ___, ...typed } = fields
      await kind.act(name, { id, seen, actor: place.actor, fields: typed })
      return to(place, id, name)
    }
    switch (what) {
      case 'reply': {
        if (text === '') return await again(422, 'The answer is empty. Nothing was sent.')
        const { fresh, decision, message } = await desk.reply(id, text, { seen })
        if (!decision.outcome.send) return await again(409, refusal(decision.reasons))
        if (!fresh && message?.content.text !== text)
          return await again(
            409,
            `${decision.by?.id ?? 'Somebody'} has answered already: see below. Your answer was not sent.`,
          )
        return to(place, id, fresh ? 'sent' : 'was-sent')
      }
      case 'claim':
        await desk.claim(id)
        break
      case 'release':
        await desk.release(id)
        break
      case 'assign':
        if (text === '') return await again(422, 'To whom? Nothing was done.')
        await desk.assign(id, text)
        break
      case 'move':
        await desk.move(id, text)
        break
      case 'tag': {
        const add = tagsIn(text)
        // Of what was there to be seen; a colleague's newer ones stay.
        const had = tagsIn(form.get('had') ?? '')
        await desk.tag(id, { add, remove: had.filter((tag) => !add.includes(tag)) })
        break
      }
      case 'note':
        if (text === '') return await again(422, 'The note is empty. Nothing was kept.')
        await desk.note(id, text, { key: `${seen} ${place.actor.id} ${hash(text)}` })
        break
      case 'snooze': {
        const hours = Number(form.get('hours'))
        if (!(hours > 0 && hours <= 24 * 60)) return await again(422, 'For how long? Nothing was done.')
        await desk.snooze(id, new Date(place.now.getTime() + hours * 3_600_000).toISOString(), { seen })
        break
      }
      case 'close': {
        const read = Number(form.get('read')) as ReadLevel
        const coded = form.get('class') as TransactionClass
        await desk.close(id, { ...(read && { readLevel: read }), ...(coded && { transactionClass: coded }), seen })
        break
      }
      case 'reopen':
        await desk.reopen(id)
        break
      default:
        return await again(400, 'There is no such button. Nothing was done.')
    }
    return to(place, id, what)
  } catch (error) {
    if (!PrmError.is(error) || (error.code !== 'conflict' && error.code !== 'invalid')) throw error
    const said = error.message.replace(/^[a-z]+: /, '')
    return again(error.code === 'conflict' ? 409 : 422, `${said[0]?.toUpperCase()}${said.slice(1)}`)
  }
}

function tagsIn(text: string): readonly string[] {
  return text.split(',').flatMap((tag) => tag.trim() || [])
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

function refusal(reasons: readonly { readonly verdict: string; readonly detail: string }[]): string {
  const why = reasons.find(({ verdict }) => verdict === 'reject')?.detail ?? 'a rule speaks against it'
  return `The answer was not sent: ${why}${why.endsWith('.') ? '' : '.'}`
}

function to(place: Place, id: string, what: string): Response {
  const location = `${place.base}/c/${encodeURIComponent(id)}?done=${encodeURIComponent(what)}#done`
  return new Response(null, { status: 303, headers: { ...headers, location } })
}

// ── at the door ──────────────────────────────────────────────────────────────────────────────

const headers = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  // Not `no-referrer`: that would make the Origin of our own forms "null".
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const

function page(status: number, { html }: Html): Response {
  return new Response(html, { status, headers: { ...headers, 'content-type': 'text/html; charset=utf-8' } })
}

function tokenOf(secret: string, { kind, id }: Actor): string {
  return createHmac('sha256', secret)
    .update(JSON.stringify(['inbox form', kind, id]))
    .digest('base64url')
}

function sameToken(given: string, token: string): boolean {
  const [a, b] = [given, token].map((text) => Buffer.from(text)) as [Buffer, Buffer]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Browsers say where a form was sent from; one that says neither is not believed. */
function isOurs({ headers: sent, url }: Request, ctx: Context): boolean {
  const [site, origin] = [sent.get('sec-fetch-site'), sent.get('origin')]
  if (site === null && origin === null) return false
  return (
    (site ?? 'same-origin') === 'same-origin' &&
    (origin ?? '') === (origin === null ? '' : new URL(ctx.publicUrl ?? url).origin)
  )
}
