import { type Context, type Finding, PrmError } from '@prm/core'
import type { Options } from './config.ts'
import type { Pds } from './session.ts'
import { notifications, posts } from './wire.ts'

export async function check(options: Options, api: Pds, ctx: Context): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  const look = async (what: string, work: () => Promise<Omit<Finding, 'what'>>): Promise<void> => {
    try {
      findings.push({ what, ...(await work()) })
    } catch (error) {
      if (!PrmError.is(error)) throw error
      const ok = /^(unavailable|rate_limited)$/.test(error.code) ? 'unknown' : false
      findings.push({ what, ok, detail: error.message })
    }
  }
  await look('session', async () => {
    await api.session(ctx)
    return { ok: true, detail: 'Signed in.' }
  })
  await look('feed.notifications', async () => {
    const call = { method: 'GET', path: 'app.bsky.notification.listNotifications', query: { limit: 1 } } as const
    await api.call(call, notifications, ctx)
    return { ok: true, detail: 'Mentions and answers are read.' }
  })
  await look('feed.search', async () => {
    const q = `"${options.queries[0]?.any[0] ?? 'library'}"`
    const call = { method: 'GET', path: 'app.bsky.feed.searchPosts', query: { q, limit: 1 } } as const
    await api.call(call, posts, ctx)
    return { ok: true, detail: 'Search works.' }
  })
  return findings
}
