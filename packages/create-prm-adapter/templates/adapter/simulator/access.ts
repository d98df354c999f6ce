import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** What the account's owner was given, to call the API with. */
export interface KnownAccess {
  readonly token: string
}

export const newAccess = (): KnownAccess => ({ token: randomBytes(24).toString('hex') })

export const mayCall = ({ token }: KnownAccess, headers: IncomingHttpHeaders): boolean =>
  headers.authorization === `Bearer ${token}`
