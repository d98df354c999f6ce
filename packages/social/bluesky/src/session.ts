import { type Context, PrmError } from '@prm/core/adapter'
import { type Call, client, resolve, type Wire } from '@prm/kit'
import * as z from 'zod/mini'
import type { Options } from './config.ts'
import { codeOf, nameOf } from './errors.ts'

export interface Session {
  readonly did: string
  readonly accessJwt: string
  readonly refreshJwt: string
  /** `takendown`, `suspended`, `deactivated`, where the account is not active. */
  readonly status?: string
}
/** XRPC of the account's server, signed in. */
export interface Pds {
  call<T>(call: Call, wire: Wire<T>, ctx: Context): Promise<T>
  session(ctx: Context): Promise<Session>
}

const wireSession: Wire<Session> = z.pipe(
  z.object({
    did: z.string().check(z.startsWith('did:')),
    accessJwt: z.string(),
    refreshJwt: z.string(),
    active: z.optional(z.boolean()),
    status: z.optional(z.string()),
  }),
  z.transform(({ active = true, status = 'inactive', ...rest }) => (active ? rest : { ...rest, status })),
)

/**
 * Signs in once and then refreshes: sign-ins are limited to 30 in 5 minutes and 300 a day. An expired token is refreshed by
 * one call, for which the others wait, and each call is made once more.
 */
export function pds(options: Options): Pds {
  const http = client({
    baseUrl: `${options.baseUrl.replace(/\/$/, '')}/xrpc`,
    code: codeOf,
    vendorCode: nameOf,
    fetch: waiting(options.fetch ?? fetch),
  })
  let current: Promise<Session> | undefined

  /** Who asks before that is only kept waiting the longer. */
  let notBefore = 0
  const signIn = async (ctx: Context): Promise<Session> => {
    const path = 'com.atproto.server.createSession'
    const wait = notBefore - ctx.now().getTime()
    if (wait > 0) throw new PrmError('rate_limited', 'There were too many sign-ins.', { retryAfterMs: wait })
    const json = { identifier: options.identifier, password: await resolve(options.appPassword) }
    try {
      return await http.call({ method: 'POST', path, json, write: false }, wireSession, ctx)
    } catch (error) {
      if (PrmError.is(error) && error.retryAfterMs) notBefore = ctx.now().getTime() + error.retryAfterMs
      throw error
    }
  }
  const refreshed = async ({ refreshJwt }: Session, ctx: Context): Promise<Session> => {
    const path = 'com.atproto.server.refreshSession'
    try {
      return await http.call({ method: 'POST', path, headers: bearer(refreshJwt), write: false }, wireSession, ctx)
    } catch (error) {
      if (!outdated(error)) throw error
      return signIn(ctx)
    }
  }
  /** What fails leaves what was there. */
  const hold = (next: Promise<Session>, last?: Promise<Session>): Promise<Session> => {
    current = next
    next.catch(() => {
      if (current === next) current = last
    })
    return next
  }
  const session = (ctx: Context): Promise<Session> => current ?? hold(signIn(ctx))

  return {
    session,
    async call(call, wire, ctx) {
      const held = session(ctx)
      const one = await held
      try {
        return await http.call({ ...call, headers: bearer(one.accessJwt) }, wire, ctx)
      } catch (error) {
        if (!outdated(error)) throw error
        const next = await (current === held ? hold(refreshed(one, ctx), held) : session(ctx))
        return http.call({ ...call, headers: bearer(next.accessJwt) }, wire, ctx)
      }
    },
  }
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
/** An account that was taken down is not helped by a new token. */
const outdated = (error: unknown): boolean =>
  PrmError.is(error) && error.code === 'auth' && !/^Account/.test(error.vendor?.code ?? '')

/** Its limits say in seconds since 1970 when they end, and nothing of `Retry-After`. */
function waiting(through: typeof fetch): typeof fetch {
  return async (...request) => {
    const response = await through(...request)
    const reset = Number(response.headers.get('ratelimit-reset'))
    if (response.status !== 429 || response.headers.has('retry-after') || !(reset > 0)) return response
    const headers = new Headers(response.headers)
    headers.set('retry-after', new Date(reset * 1000).toUTCString())
    return new Response(response.body, { status: 429, headers })
  }
}
