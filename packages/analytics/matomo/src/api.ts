import { type Code, type Context, PrmError } from '@prm/core/adapter'
import { client, type Fields, resolve, type Wire } from '@prm/kit'
import * as z from 'zod/mini'
import type { MatomoConfig } from './config.ts'
import { refusalIn } from './wire.ts'

export type Ask = <T>(method: string, parameters: Fields, wire: Wire<T>, ctx: Context) => Promise<T>

/** Its reporting API. All goes by POST, as a token in a URL would stand in logs, and some tokens are taken so only; nothing writes. */
export function api({ baseUrl, siteId, token, fetch }: MatomoConfig): Ask {
  const http = client({
    baseUrl,
    code: (_, body) => codeOf(refusalIn(body)),
    timeoutMs: 60_000, // the first look at an old day may archive it
    ...(fetch && { fetch }),
  })
  return async (method, parameters, wire, ctx) => {
    const form = {
      module: 'API',
      method,
      format: 'JSON',
      language: 'en',
      idSite: siteId,
      ...parameters,
      token_auth: await resolve(token),
    }
    const call = { method: 'POST', path: 'index.php', form, write: false, maxBytes } as const
    const answer = await http.call(call, anything, ctx)
    const refused = refusalIn(answer)
    if (refused !== undefined) {
      const code = codeOf(refused) ?? 'invalid'
      throw new PrmError(code, `Matomo refused ${method}: ${said[code as keyof typeof said] ?? said.invalid}.`)
    }
    const result = await wire['~standard'].validate(answer)
    if (result.issues) throw new PrmError('contract', `Matomo answered ${method} in another shape than expected.`)
    return result.value
  }
}
/** 350 rows, each with its URL four times. */
const maxBytes = 16 * 1024 * 1024
const anything: Wire<unknown> = z.unknown()

/** By words, since Matomo has no numbers; they are its own and English, as was asked for. */
function codeOf(message: string | undefined): Code | undefined {
  if (message === undefined) return undefined
  if (/requires .* access|not have access/i.test(message)) return 'forbidden'
  if (/authenticat|token/i.test(message)) return 'auth'
  return /does not exist or is not available|plugin/i.test(message) ? 'unsupported' : undefined
}
const said = {
  auth: 'the token is wrong or has expired',
  forbidden: 'the user of this token may not view the site, or there is no such site',
  unsupported: 'it has no such report, perhaps since a plugin is off',
  invalid: 'its own log says why',
}
