import type { Secret } from '@prm/core/adapter'
import { hmacSha256, isSecret, resolve, sameText } from '@prm/kit'
import * as z from 'zod/mini'

/** What webhooks are signed with: HMAC-SHA256 over `timestamp.body`, in hex. */
export interface Signing {
  readonly webhookSecret: Secret
}

export const signing: { readonly webhookSecret: z.ZodMiniType<Secret> } = {
  webhookSecret: z.custom<Secret>(isSecret, 'a string, or a function that returns one'),
}

/** In constant time: a stranger learns nothing from how long it took. */
export async function isSigned(
  { webhookSecret }: Signing,
  signature: string,
  timestamp: string,
  body: Uint8Array,
): Promise<boolean> {
  return sameText(hmacSha256(await resolve(webhookSecret), timestamp, '.', body).hex, signature)
}
