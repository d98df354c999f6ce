import type { Secret } from '@prm/core/adapter'
import { isSecret, resolve } from '@prm/kit'
import * as z from 'zod/mini'

/** How the API is called: with a bearer token (RFC 6750). */
export interface Access {
  readonly token: Secret
}

export const access: { readonly token: z.ZodMiniType<Secret> } = {
  token: z.custom<Secret>(isSecret, 'a string, or a function that returns one'),
}

/** Asked before each call, so that a new token counts at once. */
export async function authorization({ token }: Access): Promise<string> {
  return `Bearer ${await resolve(token)}`
}
