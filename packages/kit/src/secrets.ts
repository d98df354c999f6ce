import { PrmError, type Secret } from '@prm/core/adapter'

/** The secret as it is now. Throws `config` when there is none, `unavailable` when where it is kept cannot be reached. */
export async function resolve(secret: Secret): Promise<string> {
  const value = typeof secret === 'function' ? await ask(secret) : secret
  // A function may return anything at run time; an empty token would be sent as a valid-looking header.
  if (typeof value !== 'string' || value === '') throw new PrmError('config', 'A secret is empty.')
  return value
}

async function ask(secret: Exclude<Secret, string>): Promise<string> {
  try {
    return await secret()
  } catch (cause) {
    if (PrmError.is(cause)) throw cause
    // The cause stays out: a vault's message may quote what it holds.
    throw new PrmError('unavailable', 'A secret could not be read from where it is kept.')
  }
}
