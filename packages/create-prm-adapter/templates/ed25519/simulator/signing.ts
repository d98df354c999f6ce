import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** What the account's owner was given, to check webhooks by. */
export interface KnownCheck {
  readonly webhookKey: string
}

/** How they are signed. */
export interface KnownSigning {
  readonly config: KnownCheck
  sign(timestamp: string, body: string): string
}

interface KeyPair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

export function newSigning(keys: KeyPair = generateKeyPairSync('ed25519')): KnownSigning {
  const { publicKey, privateKey } = keys
  const webhookKey = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64')
  return {
    config: { webhookKey },
    sign: (timestamp, body) => sign(null, Buffer.from(`${timestamp}.${body}`), privateKey).toString('base64'),
  }
}
