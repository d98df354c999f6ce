import { type Context, type Finding, PrmError } from '@prm/core'
import type { Client } from '@prm/kit'
import { wireAccount } from './wire.ts'

/** Read only: is this the account, and may it do what is configured? Say more where your API can be asked. */
export async function check(api: Client, ctx: Context): Promise<readonly Finding[]> {
  try {
    const { enabled } = await api.call({ method: 'GET', path: '/account' }, wireAccount, ctx)
    const detail = enabled === false ? 'The account is suspended.' : 'The account is known and enabled.'
    return [{ what: 'account', ok: enabled !== false, detail }]
  } catch (error) {
    if (!PrmError.is(error)) throw error
    const later = error.code === 'unavailable' || error.code === 'rate_limited'
    return [{ what: 'account', ok: later ? 'unknown' : false, detail: error.message }]
  }
}
