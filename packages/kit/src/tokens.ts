import type { Context, Secret } from '@prm/core/adapter'
import type { Wire } from './config.ts'
import { type Client, type ClientOptions, client } from './http.ts'
import { resolve } from './secrets.ts'

/** OAuth 2 client credentials (RFC 6749 §4.4). */
export interface Credentials {
  /** Below `baseUrl`, or of the same origin. */
  readonly path: string
  readonly clientId: string
  readonly clientSecret: Secret
}
export interface Authorized extends Client {
  /** What the token may do, as the vendor names it. */
  scopes(ctx: Context): Promise<readonly string[]>
  /** The next call fetches another: for a vendor that refuses a token otherwise than by 401. */
  forget(): void
}
interface Token {
  readonly header: string
  readonly scopes: readonly string[]
  /** In ms since 1970; without an end where the vendor tells none. */
  readonly until: number
}

/** So long before its end, and after half its time at the latest, a token is not used any more. */
const marginMs = 60_000

/**
 * A client that fetches a token at its first call, keeps it until shortly before `expires_in`, and fetches another once after
 * a 401. Throws `auth` where the vendor does not know the client.
 */
export function authorized(options: Omit<ClientOptions, 'headers'>, credentials: Credentials): Authorized {
  let token: Promise<Token> | undefined

  async function current(ctx: Context): Promise<Token> {
    // One at a time: those that come meanwhile wait for the same token.
    token ??= fetched(options, credentials, ctx)
    const asked = token
    try {
      const got = await asked
      if (got.until > ctx.now().getTime()) return got
    } catch (error) {
      if (token === asked) token = undefined
      throw error
    }
    if (token === asked) token = fetched(options, credentials, ctx)
    const again = token
    again.catch(() => {
      if (token === again) token = undefined
    })
    return again
  }

  const withToken = (ctx: Context): Client => {
    return client({
      ...options,
      headers: async () => ({ authorization: (await current(ctx)).header }),
      code(status, body, call) {
        if (status === 401) token = undefined
        return options.code?.(status, body, call)
      },
    })
  }
  return {
    call: (call, wire, ctx) => withToken(ctx).call(call, wire, ctx),
    open: (call, ctx) => withToken(ctx).open(call, ctx),
    scopes: async (ctx) => (await current(ctx)).scopes,
    forget() {
      token = undefined
    },
  }
}

async function fetched(
  options: ClientOptions,
  { path, clientId, clientSecret }: Credentials,
  ctx: Context,
): Promise<Token> {
  const http = client({
    ...options,
    // RFC 6749 §5.2: 400 for credentials that are not known.
    code: (status) => (status === 400 || status === 403 ? 'auth' : undefined),
  })
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: await resolve(clientSecret) }
  // Another token harms nothing, so that it may be asked for again.
  const said = await http.call({ method: 'POST', path, form, write: false }, wireToken, ctx)
  const seconds = Number(said.expires_in)
  return {
    header: `Bearer ${said.access_token}`,
    scopes: typeof said.scope === 'string' ? said.scope.split(/\s+/).filter(Boolean) : [],
    until:
      seconds > 0 ? ctx.now().getTime() + Math.max(seconds * 1000 - marginMs, seconds * 500) : Number.POSITIVE_INFINITY,
  }
}

interface Said {
  readonly access_token: string
  readonly expires_in?: unknown
  readonly scope?: unknown
}
const wireToken: Wire<Said> = {
  '~standard': {
    version: 1,
    vendor: 'prm',
    validate(value) {
      const there = typeof value === 'object' && value !== null && 'access_token' in value
      return there && typeof value.access_token === 'string' && value.access_token !== ''
        ? { value: value as Said }
        : { issues: [{ message: 'no token', path: ['access_token'] }] }
    },
  },
}
