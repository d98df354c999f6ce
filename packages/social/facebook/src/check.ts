import type { CheckResult, Context } from '@prm/core/adapter'
import { faultOf, resolve } from '@prm/kit'
import * as z from 'zod/mini'
import type { Graph } from './api.ts'
import type { Options } from './config.ts'

const list = z.optional(z.nullable(z.array(z.string())))
const id = z.optional(z.nullable(z.pipe(z.union([z.string(), z.number()]), z.transform(String))))
const seconds = z.optional(z.nullable(z.number()))
const wireToken = z.object({
  data: z.object({
    is_valid: z.optional(z.boolean()),
    type: z.optional(z.string()),
    app_id: id,
    profile_id: id,
    expires_at: seconds,
    scopes: list,
  }),
})
const wireApps = z.object({ data: z.array(z.object({ id, subscribed_fields: list })) })
const wireHooks = z.object({
  data: z.array(
    z.object({ object: z.optional(z.string()), callback_url: z.optional(z.string()), active: z.optional(z.boolean()) }),
  ),
})

const found = (what: string, ok: CheckResult['ok'], detail: string, hint?: string): CheckResult => ({
  what,
  ok,
  detail,
  ...(hint && { hint }),
})

/** Read only: the token, what it may do, and whether webhooks come here; and what Meta does not let anybody ask. */
export async function check(api: Graph, options: Options, ctx: Context): Promise<readonly CheckResult[]> {
  const token = await asked('token', () => tokenOf(api, options, ctx))
  return [
    ...token,
    ...(token[0]?.ok === true ? await asked('inlet.receive', () => hooks(api, options, ctx)) : []),
    found(
      'access',
      'unknown',
      'Which access the app has cannot be asked. With Standard Access, which needs no review, Meta tells only of people who have a role in the app: no patron’s comment or message comes.',
      'For the public, every permission needs Advanced Access: App Review and business verification. Both cost time and no money.',
    ),
    found(
      'search',
      'unknown',
      'What is said of the library outside its page cannot be searched: Meta offers no keyword search of public posts.',
    ),
  ]
}

/** What each permission is for ("Permissions Reference"). */
const permissions: readonly (readonly [name: string, what: string, why: string])[] = [
  ['pages_manage_metadata', 'inlet.receive', 'to get webhooks'],
  ['pages_read_engagement', 'feed.pull', 'to read the page’s own posts'],
  ['pages_read_user_content', 'feed.pull', 'to read what visitors post and comment'],
  ['pages_manage_engagement', 'channel.send', 'to answer comments'],
  ['pages_messaging', 'channel.send', 'to read and answer messages'],
]

async function tokenSaid(api: Graph, options: Options, ctx: Context) {
  const query = { input_token: await resolve(options.pageToken) }
  return (await api.call({ method: 'GET', path: 'debug_token', query }, wireToken, ctx, 'app')).data
}

/** Whether what visitors wrote may still be read. */
export async function mayRead(api: Graph, options: Options, ctx: Context): Promise<boolean> {
  return (await tokenSaid(api, options, ctx)).scopes?.includes('pages_read_user_content') ?? false
}

async function tokenOf(api: Graph, options: Options, ctx: Context): Promise<readonly CheckResult[]> {
  const token = await tokenSaid(api, options, ctx)
  const { is_valid: valid, type, app_id: app, profile_id: profile, expires_at: end, scopes } = token
  const hint = 'Get the page’s token anew: README, “Credentials”.'
  if (!valid) return [found('token', false, 'The token is not valid any more.', hint)]
  if (app !== options.appId) return [found('token', false, 'The token is of another app.', hint)]
  if (type !== 'PAGE' || profile !== options.pageId)
    return [
      found(
        'token',
        false,
        type === 'PAGE' ? 'The token is of another page.' : 'The token is a person’s, not the page’s.',
        hint,
      ),
    ]
  const until = end ? `until ${new Date(end * 1000).toISOString().slice(0, 10)}` : 'without an end'
  const granted = new Set(scopes)
  return [
    found('token', true, `The token is the page’s, and valid ${until}.`),
    ...permissions.map(([name, what, why]) =>
      found(
        what,
        granted.has(name),
        `${name}, ${why}, is ${granted.has(name) ? '' : 'not '}granted.`,
        granted.has(name) ? undefined : `Ask for ${name} when you get the token.`,
      ),
    ),
    ...(options.humanAgent.length > 0
      ? [
          found(
            'channel.send',
            'unknown',
            'Whether Meta granted Human Agent, for answers up to 7 days after, shows with the first of them.',
          ),
        ]
      : []),
  ]
}

/** What the page has to send; the others are reports. */
const needed = ['feed', 'messages']
const useful = ['mention', 'message_deliveries', 'message_echoes', 'message_edits', 'messaging_postbacks']

async function hooks(api: Graph, options: Options, ctx: Context): Promise<readonly CheckResult[]> {
  const what = 'inlet.receive'
  const { data } = await api.call(
    { method: 'GET', path: `${options.pageId}/subscribed_apps`, query: { fields: 'id,subscribed_fields' } },
    wireApps,
    ctx,
  )
  const own = data.find(({ id }) => id === options.appId)
  const fields = new Set(own?.subscribed_fields)
  const without = (names: readonly string[]) => names.filter((name) => !fields.has(name)).join(', ')
  const hint = `POST /${options.pageId}/subscribed_apps?subscribed_fields=${[...needed, ...useful].join(',')} with the page’s token.`
  if (!own) return [found(what, false, 'The page does not send webhooks to this app.', hint)]
  if (without(needed)) return [found(what, false, `The page sends no webhooks of: ${without(needed)}.`, hint)]
  const less = without(useful)
  const page = found(
    what,
    true,
    less ? `The page sends webhooks, but none of: ${less}.` : 'The page sends webhooks to this app.',
  )
  const { data: all } = await api.call({ method: 'GET', path: `${options.appId}/subscriptions` }, wireHooks, ctx, 'app')
  const hook = all.find(({ object }) => object === 'page')
  const there = ctx.publicUrl === undefined ? 'unknown' : hook?.callback_url === ctx.publicUrl && hook.active !== false
  const detail =
    there === true
      ? 'The app sends them here.'
      : there
        ? 'No public URL is set here.'
        : 'The app sends them elsewhere, or nowhere.'
  return [
    page,
    found(
      what,
      there,
      detail,
      `In the app, Webhooks, Page: ${ctx.publicUrl ?? 'the public URL'} and the verify token.`,
    ),
  ]
}

async function asked(what: string, ask: () => Promise<readonly CheckResult[]>): Promise<readonly CheckResult[]> {
  try {
    return await ask()
  } catch (error) {
    return [{ what, ...faultOf(error) }]
  }
}
