import { createHash, randomUUID } from 'node:crypto'
import { type Context, type KnowledgePage, type Page, PrmError, questionAsked } from '@prm/core'

export interface FormOptions {
  /** Where guides are; a question about a page elsewhere is not taken. */
  readonly site: string
  /** What the page says now. */
  page(url: string, ctx: Context): Promise<KnowledgePage | undefined>
}

/** The name under which the form's questions are facts. */
export const source = 'ask'
const lookMs = 3_000

/** A form that a guide links to with its own address, `ask?page=…`: HTML from the server, no script, no cookie. */
export function askForm({ site, page }: FormOptions): Page {
  return async (request, prm, ctx) => {
    if (request.method !== 'POST') {
      const url = guideIn(new URL(request.url).searchParams.get('page'), site)
      return url === undefined ? html(400, '<p>This form belongs to a page of a guide.</p>') : html(200, form(url))
    }
    const given = new URLSearchParams(await request.text())
    const url = guideIn(given.get('page'), site)
    const text = (given.get('question') ?? '').trim()
    const email = (given.get('email') ?? '').trim().toLowerCase()
    const once = given.get('once') ?? ''
    const wrong = problem(text, email, once)
    if (url === undefined) return html(400, '<p>This form belongs to a page of a guide.</p>')
    if (wrong !== undefined) return html(400, form(url, { text, email, wrong }))
    const found = await asItReads(page, url, ctx)
    const fact = {
      // The form's own number, so that a second press is the same question.
      key: `${once} ${createHash('sha256').update(`${email} ${text}`).digest('hex').slice(0, 16)}`,
      type: questionAsked.name,
      source,
      at: ctx.now().toISOString(),
      who: { scheme: 'mailto', value: email },
      page: found?.ref ?? { system: 'web', id: url, url },
      data: { medium: 'ticket', text, ...(found && { other: { 'Page title': found.title } }) },
    }
    await prm.record([fact])
    return html(200, '<p role="status">Thank you. A librarian answers you by mail.</p>')
  }
}

/** A site that cannot be asked keeps nobody from asking: then the version is not known. */
async function asItReads(page: FormOptions['page'], url: string, ctx: Context): Promise<KnowledgePage | undefined> {
  try {
    return await page(url, { ...ctx, signal: AbortSignal.any([ctx.signal, AbortSignal.timeout(lookMs)]) })
  } catch (error) {
    if (!PrmError.is(error)) throw error
    ctx.log('warn', 'The page of a question could not be read.', { code: error.code })
    return undefined
  }
}

function guideIn(given: string | null, site: string): string | undefined {
  if (given === null || !URL.canParse(given)) return undefined
  const url = new URL(given)
  if (url.origin !== new URL(site).origin) return undefined
  // What names the page, and nothing of who reads it.
  const named = ['g', 'p'].flatMap((name): [string, string][] => {
    const value = url.searchParams.get(name)
    return /^\d+$/.test(value ?? '') ? [[name, value ?? '']] : []
  })
  return `${url.origin}${url.pathname}${named.length > 0 ? `?${new URLSearchParams(named)}` : ''}`
}

function problem(text: string, email: string, once: string): string | undefined {
  if (text === '' || text.length > 5_000) return 'Please write your question, in 5,000 letters at the most.'
  if (!/^[^\s@<>,;"]+@[^\s@<>,;"]+\.[^\s@<>,;"]+$/.test(email))
    return 'Please give an e-mail address: the answer goes there.'
  return /^[\da-f-]{36}$/.test(once) ? undefined : 'Please send it once more: the form was not whole.'
}

// ── as HTML ──────────────────────────────────────────────────────────────────────────────────
interface Filled {
  readonly text: string
  readonly email: string
  readonly wrong: string
}

function form(url: string, { text = '', email = '', wrong = '' }: Partial<Filled> = {}): string {
  const problem = wrong && `<p role="alert">${safe(wrong)}</p>`
  return `<form method="post">${problem}
<input type="hidden" name="page" value="${safe(url)}"><input type="hidden" name="once" value="${randomUUID()}">
<p><label for="question">Your question</label><br><textarea id="question" name="question" required>${safe(text)}</textarea></p>
<p><label for="email">Your e-mail address</label><br><input id="email" name="email" type="email" autocomplete="email" required value="${safe(email)}"></p>
<button>Ask a librarian</button></form>`
}

function html(status: number, main: string): Response {
  const body = `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Ask a librarian</title><main><h1>Ask a librarian</h1>${main}</main></html>`
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; form-action 'self'",
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  }
  return new Response(body, { status, headers })
}

function safe(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`)
}
