import type { CheckResult, Context } from '@prm/core/adapter'
import { asked, client } from '@prm/kit'
import { type Api, type Instance, ourselves, wireApp, wireFound, wireInstance, wireList, wireText } from './api.ts'
import type { Options } from './config.ts'
import { streamingOf } from './stream.ts'

const needed = ['read:accounts', 'read:notifications', 'read:statuses', 'write:statuses']

/** Asks the instance what works here with this token. It posts nothing. */
export async function check(api: Api, options: Options, ctx: Context): Promise<readonly CheckResult[]> {
  const findings: CheckResult[] = []
  const look = async (...question: Parameters<typeof asked>): Promise<void> => {
    findings.push(await asked(...question))
  }
  const get = { method: 'GET' } as const
  let instance: Instance | undefined
  await look('instance', async () => {
    instance = await api.call({ ...get, path: '/api/v2/instance' }, wireInstance, ctx)
    return { ok: true, detail: `${api.host} runs ${instance.version}.` }
  })
  await look('account', async () => {
    const { acct, bot } = await ourselves(api, ctx)
    const hint = 'Mark it as automated in its profile: what answers by itself should say so.'
    return { ok: true, detail: `@${acct}, ${bot ? 'marked' : 'not marked'} as automated.`, ...(!bot && { hint }) }
  })
  await look('scopes', async () => {
    const { scopes } = await api.call({ ...get, path: '/api/v1/apps/verify_credentials' }, wireApp, ctx)
    if (!scopes) return { ok: 'unknown', detail: 'The instance does not say what the application may do (before 4.3).' }
    const wanted = [...needed, ...(options.searches.length > 0 ? ['read:search'] : [])]
    const lacking = wanted.filter((one) => !scopes.includes(one) && !scopes.includes(one.split(':')[0] ?? ''))
    if (lacking.length > 0) return { ok: false, detail: `The application lacks ${lacking.join(', ')}.` }
    return { ok: true, detail: `The application may: ${scopes.join(' ')}. Its token may have been given less.` }
  })
  await look('channel.measure', async () => {
    if (!instance) return { ok: 'unknown', detail: 'The instance did not say how long a post may be.' }
    const { max_characters: most = 500, characters_reserved_per_url: url = 23 } = instance.configuration.statuses ?? {}
    const same = most === options.maxCharacters && url === options.urlCharacters
    const detail = `The instance takes ${most} characters, a link counts ${url}; the config says ${options.maxCharacters} and ${options.urlCharacters}.`
    return { ok: same, detail, ...(!same && { hint: 'Set maxCharacters and urlCharacters.' }) }
  })
  const { local, remote } = instance?.configuration.timelines_access?.hashtag_feeds ?? {}
  for (const { name, local: own } of options.tags)
    await look('feed.tags', async () => {
      const path = `/api/v1/timelines/tag/${encodeURIComponent(name)}`
      const posts = await api.call({ ...get, path, query: { limit: 5 } }, wireList, ctx)
      if (local === 'disabled' && (own || remote === 'disabled'))
        return {
          ok: false,
          detail: `#${name}: the instance has closed its tag timelines, and answers with an empty list.`,
        }
      if (remote === 'disabled')
        return { ok: !own ? 'unknown' : true, detail: `#${name}: only of what is written on the instance.` }
      if (posts.length > 0) return { ok: true, detail: `#${name}: there are posts.` }
      return { ok: 'unknown', detail: `#${name}: no posts; there may be none, or the instance may have closed it.` }
    })
  for (const { text } of options.searches)
    await look('feed.searches', async () => {
      const query = { q: text, type: 'statuses', limit: 1 }
      const { statuses } = await api.call({ ...get, path: '/api/v2/search', query }, wireFound, ctx)
      const hint =
        'It finds only posts of authors who opted in, and what the account took part in: tags and mentions find more.'
      if (statuses.length > 0) return { ok: true, detail: 'The search finds posts.', hint }
      return {
        ok: 'unknown',
        detail: 'The search finds nothing: there is nothing, or the instance has no full-text search.',
        hint,
      }
    })
  if (options.stream !== undefined)
    await look('feed.stream', async () => {
      const http = client({
        baseUrl: await streamingOf(api, options, ctx),
        ...(options.fetch && { fetch: options.fetch }),
      })
      const said = await http.call({ ...get, path: '/api/v1/streaming/health', text: true }, wireText, ctx)
      const ok = said.trim() === 'OK'
      return { ok, detail: ok ? 'The streaming server is well.' : 'The streaming server does not say that it is well.' }
    })
  return findings
}
