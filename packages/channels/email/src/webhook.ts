import { type Attachment, type Context, type Interaction, PrmError, type Webhook } from '@prm/core/adapter'
import { bytesOf, postedBody } from '@prm/kit'
import type { EmailConfig } from './config.ts'
import { media } from './imap.ts'
import { factsOf, unsubscribed } from './interactions.ts'
import { unsubscribing } from './tokens.ts'

/** One-click unsubscribe, and with `config.inlet` mails as they came. */
export function inlet(config: EmailConfig, maxBytes: number): Webhook {
  const { imap, inlet: posting } = config
  return {
    maxBytes,
    requires: [{ query: 'unsubscribe' }, ...(posting ? [{ header: 'prm-signature' }] : [])],
    async receive(request, ctx) {
      const token = new URL(request.url).searchParams.get('unsubscribe')
      if (token !== null) return unsubscribe(config, request, token, ctx)
      if (!posting) throw new PrmError('signature', 'Mails are not taken here: `inlet` is not set.')
      const body = await postedBody(request, posting, maxBytes, ctx)
      const facts = await factsOf(config, body, ctx.id, 'mail:posted')
      if ('why' in facts) throw new PrmError('invalid', `The mail was not taken: ${facts.why}.`)
      return { interactions: facts }
    },
    ...(imap && { media: (attachment: Attachment, ctx: Context) => media(imap, attachment, ctx) }),
  }
}

// ── unsubscribe ──────────────────────────────────────────────────────────────────────────────
type Received = ReturnType<Webhook['receive']>

/** RFC 8058: a POST unsubscribes, without a page in between. Scanners follow links, so that a GET only shows a button. */
async function unsubscribe(config: EmailConfig, request: Request, token: string, ctx: Context): Received {
  const asked = await unsubscribing(config, token)
  if (!asked) throw new PrmError('signature', 'The link is not one of ours.')
  if (request.method !== 'POST') return { interactions: [], reply: page(button) }
  const body = await bytesOf(request, 10_000)
  if (!/List-Unsubscribe[\s\S]*One-Click/i.test(new TextDecoder().decode(body)))
    throw new PrmError('invalid', 'The body was not what unsubscribes: expected List-Unsubscribe=One-Click.')
  const facts: readonly Interaction[] = [unsubscribed(asked, ctx.id)]
  return { interactions: facts, reply: page('<p>You will get no more of these mails.</p>') }
}

const button =
  '<form method="post"><p>No more of these mails?</p><button name="List-Unsubscribe" value="One-Click">Unsubscribe</button></form>'

function page(body: string): Response {
  const html = `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Unsubscribe</title>${body}</html>`
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; form-action 'self'",
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  }
  return new Response(html, { headers })
}
