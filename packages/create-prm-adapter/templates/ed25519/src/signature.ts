import { ed25519Key, isEd25519 } from '@prm/kit'
import * as z from 'zod/mini'

/** What webhooks are signed with: Ed25519 over `timestamp.body`, in base64. */
export interface Signing {
  /** The public half of the account's key: 32 bytes in base64. */
  readonly webhookKey: string
}

export const signing: { readonly webhookKey: z.ZodMiniType<string> } = {
  webhookKey: z
    .string()
    .check(z.refine((text) => ed25519Key(text) !== undefined, 'an Ed25519 public key of 32 bytes in base64')),
}

export async function isSigned(
  { webhookKey }: Signing,
  signature: string,
  timestamp: string,
  body: Uint8Array,
): Promise<boolean> {
  const key = ed25519Key(webhookKey)
  return key !== undefined && isEd25519(key, signature, timestamp, '.', body)
}
