import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** What the account's owner was given, to call the API with. */
export interface KnownAccess {
  readonly user: string
  readonly password: string
}

export const newAccess = (): KnownAccess => ({
  user: `user-${randomBytes(6).toString('hex')}`,
  password: randomBytes(24).toString('hex'),
})

export const mayCall = ({ user, password }: KnownAccess, headers: IncomingHttpHeaders): boolean =>
  headers.authorization === `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
