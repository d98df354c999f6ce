import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { Secret } from '@prm/core/adapter'
import { hmacSha256, resolve, sameText } from '@prm/kit'
import { domainOf, type EmailConfig } from './config.ts'

/**
 * Our names for things outside: nobody can read, make or change one, and the same thing has the same name. Its nonce is the
 * MAC of what it holds (RFC 5297 in kind), so that there is nothing random in it.
 */
type Sealed = readonly string[]
/** What it is for, so that one is not taken for another. */
type For = 'message' | 'unsubscribe'

async function seal(secret: Secret, what: For, words: Sealed): Promise<string> {
  const plain = JSON.stringify(words)
  const { iv, key } = await keysOf(secret, what, plain)
  const cipher = createCipheriv('aes-256-ctr', key, iv)
  return Buffer.concat([iv, cipher.update(plain), cipher.final()]).toString('base64url')
}

async function open(config: EmailConfig, what: For, token: string): Promise<Sealed | undefined> {
  const bytes = Buffer.from(token, 'base64url')
  if (bytes.length < 20 || bytes.length > 1_500) return undefined
  const [iv, rest] = [bytes.subarray(0, 16), bytes.subarray(16)]
  for (const secret of [config.secret, config.previousSecret]) {
    if (secret === undefined) continue
    const decipher = createDecipheriv('aes-256-ctr', (await keysOf(secret, what, '')).key, iv)
    const plain = Buffer.concat([decipher.update(rest), decipher.final()]).toString()
    const mac = (await keysOf(secret, what, plain)).iv
    if (sameText(mac.toString('hex'), iv.toString('hex'))) return JSON.parse(plain) as Sealed
  }
  return undefined
}

async function keysOf(
  secret: Secret,
  what: For,
  plain: string,
): Promise<{ readonly key: Buffer; readonly iv: Buffer }> {
  const text = await resolve(secret)
  const bytes = (...parts: readonly string[]) => Buffer.from(hmacSha256(text, ...parts).hex, 'hex')
  return { key: bytes(`prm email ${what} key`), iv: bytes(`prm email ${what} iv `, plain).subarray(0, 16) }
}

// ── Message-IDs ──────────────────────────────────────────────────────────────────────────────
/** A mail of ours by its name. */
export interface Ours {
  readonly key: string
  readonly to: string
}
const mark = /prm\.([\w-]{27,2000})@/g

/** The same for the same key and recipient: sent twice, it is one mail to a mailbox, and it can be looked for. */
export async function messageIdOf(config: EmailConfig, { key, to }: Ours): Promise<string> {
  return `<prm.${await seal(config.secret, 'message', [key, to.toLowerCase()])}@${domainOf(config.from)}>`
}

/** The first of our mails that a text names; Message-IDs are looked for wherever a mail system may have put them. */
export async function oursIn(config: EmailConfig, text: string): Promise<Ours | undefined> {
  const tokens = new Set([...text.matchAll(mark)].map(([, token = '']) => token))
  for (const token of [...tokens].slice(0, 50)) {
    const [key, to] = (await open(config, 'message', token)) ?? []
    if (key !== undefined && to !== undefined) return { key, to }
  }
  return undefined
}

// ── unsubscribe links ────────────────────────────────────────────────────────────────────────
export interface Unsubscribing {
  readonly to: string
  readonly purpose: string
  readonly key: string
}

export function unsubscribeToken({ secret }: EmailConfig, { to, purpose, key }: Unsubscribing): Promise<string> {
  return seal(secret, 'unsubscribe', [to, purpose, key])
}

export async function unsubscribing(config: EmailConfig, token: string): Promise<Unsubscribing | undefined> {
  const [to, purpose, key] = (await open(config, 'unsubscribe', token)) ?? []
  return to === undefined || purpose === undefined || key === undefined ? undefined : { to, purpose, key }
}
