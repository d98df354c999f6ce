import type { CheckResult, Context } from '@prm/core/adapter'
import { faultOf } from '@prm/kit'
import { notifications, posts, profile } from './api.ts'
import type { Options } from './config.ts'
import { addressOf } from './events.ts'
import type { Pds } from './session.ts'

/** Reads a little of everything, and changes nothing. */
export async function check(options: Options, api: Pds, ctx: Context): Promise<readonly CheckResult[]> {
  const findings: CheckResult[] = []
  const look = async (
    what: string,
    work: () => Promise<Omit<CheckResult, 'what'>>,
    hint?: string,
  ): Promise<boolean> => {
    try {
      findings.push({ what, ...(await work()) })
      return true
    } catch (error) {
      findings.push({ what, ...faultOf(error), ...(hint && { hint }) })
      return false
    }
  }
  const read = <T>(
    path: string,
    query: { readonly [name: string]: string | number },
    wire: Parameters<typeof api.call<T>>[1],
  ) => api.call({ method: 'GET', path, query }, wire, ctx)

  const entered = await look(
    'session',
    async () => {
      const { accessJwt } = await api.session(ctx)
      const own = /^com\.atproto\.appPass/.test(scopeOf(accessJwt))
      const detail = own ? 'Signed in with an app password.' : 'Signed in with the password of the account itself.'
      return { ok: true, detail, ...(!own && { hint: 'Use an app password: it can be taken back alone.' }) }
    },
    'It takes the handle and an app password; sign-ins are limited to 30 in 5 minutes and 300 a day.',
  )
  if (!entered) return findings
  const { did, status } = await api.session(ctx)
  findings.push({ what: 'account.status', ok: !status, detail: `The account is ${status ?? 'active'}.` })
  await look('account.bot', async () => {
    const { labels } = await read('app.bsky.actor.getProfile', { actor: did }, profile)
    const ok = labels.some(({ val, src }) => val === 'bot' && src === did)
    const detail = ok ? 'The profile says that it is a bot.' : 'The profile does not say that it is a bot.'
    return { ok, detail, ...(!ok && { hint: 'Where machines write answers, label the profile with `bot`.' }) }
  })
  await look('feed.notifications', async () => {
    await read('app.bsky.notification.listNotifications', { limit: 1 }, notifications)
    return { ok: true, detail: 'Mentions, answers and reactions are read.' }
  })
  await look('feed.search', async () => {
    const [phrase] = options.queries.flatMap(({ any }) => any)
    if (phrase === undefined) return { ok: true, detail: 'There is no query, so nothing is searched.' }
    const { rows } = await read('app.bsky.feed.searchPosts', { q: `"${phrase}"`, limit: 1 }, posts)
    return { ok: true, detail: `The first query finds ${rows.length > 0 ? 'something' : 'nothing'}.` }
  })
  const { stream } = options
  if (stream) findings.push({ what: 'feed.stream', ...(await reached(addressOf(stream.url, undefined), ctx)) })
  const limits = 'The server takes 5,000 points an hour and 35,000 a day; a post is 3.'
  const whom = options.answer === 'tagged' ? 'tagged: who names the account or answers it' : 'approved: anybody'
  findings.push({ what: 'channel.send', ok: !status, detail: `Answers go to: ${whom}. ${limits}` })
  return findings
}

/** What a token says of itself; nobody verifies it here. */
function scopeOf(token: string): string {
  try {
    const said: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    return typeof said === 'object' && said !== null && 'scope' in said ? String(said.scope) : ''
  } catch {
    return '' // A token need not be one that we can read.
  }
}

function reached(url: string, ctx: Context): Promise<Pick<CheckResult, 'ok' | 'detail'>> {
  return new Promise((done) => {
    const socket = new WebSocket(url)
    const end = (ok: boolean): void => {
      clearTimeout(timer)
      ctx.signal.removeEventListener('abort', failed)
      socket.close()
      done({ ok, detail: `The Jetstream ${ok ? 'can be reached' : 'cannot be reached, or refuses'}.` })
    }
    const failed = (): void => end(false)
    const timer = setTimeout(failed, 5_000)
    ctx.signal.addEventListener('abort', failed)
    socket.onopen = () => end(true)
    socket.onclose = failed
  })
}
