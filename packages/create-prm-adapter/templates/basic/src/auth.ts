import type { Secret } from '@prm/core/adapter'
import { isSecret, resolve } from '@prm/kit'
import * as z from 'zod/mini'

/** How the API is called: with a user name and a password (RFC 7617). */
export interface Access {
  readonly user: string
  readonly password: Secret
}

export const access: { readonly user: z.ZodMiniType<string>; readonly password: z.ZodMiniType<Secret> } = {
  user: z.string().check(z.regex(/^[^:]+$/, 'a name without a colon')),
  password: z.custom<Secret>(isSecret, 'a string, or a function that returns one'),
}

/** Asked before each call, so that a new password counts at once. */
export async function authorization({ user, password }: Access): Promise<string> {
  return `Basic ${Buffer.from(`${user}:${await resolve(password)}`).toString('base64')}`
}
