import type { CheckResult, Context } from '@prm/core/adapter'
import { type Client, faultOf } from '@prm/kit'
import { wireAccount } from './api.ts'

/** Read only: is this the account, and may it do what is configured? Say more where your API can be asked. */
export async function check(api: Client, ctx: Context): Promise<readonly CheckResult[]> {
  try {
    const { enabled } = await api.call({ method: 'GET', path: '/account' }, wireAccount, ctx)
    const detail = enabled === false ? 'The account is suspended.' : 'The account is known and enabled.'
    return [{ what: 'account', ok: enabled !== false, detail }]
  } catch (error) {
    return [{ what: 'account', ...faultOf(error) }]
  }
}
