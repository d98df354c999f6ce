import { createHmac, randomBytes } from 'node:crypto'

/** What the account's owner was given, to check webhooks by. */
export interface KnownCheck {
  readonly webhookSecret: string
}

/** How they are signed. */
export interface KnownSigning {
  readonly config: KnownCheck
  sign(timestamp: string, body: string): string
}

export function newSigning(webhookSecret: string = randomBytes(24).toString('hex')): KnownSigning {
  return {
    config: { webhookSecret },
    sign: (timestamp, body) => createHmac('sha256', webhookSecret).update(`${timestamp}.${body}`).digest('hex'),
  }
}
