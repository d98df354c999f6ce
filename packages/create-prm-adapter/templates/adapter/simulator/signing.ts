import { createHmac, randomBytes } from 'node:crypto'

/** How the account's webhooks are signed, and what its owner was given to check them. */
export interface KnownSigning {
  readonly config: { readonly webhookSecret: string }
  sign(timestamp: string, body: string): string
}

export function newSigning(webhookSecret: string = randomBytes(24).toString('hex')): KnownSigning {
  return {
    config: { webhookSecret },
    sign: (timestamp, body) => createHmac('sha256', webhookSecret).update(`${timestamp}.${body}`).digest('hex'),
  }
}
