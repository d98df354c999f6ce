import { BlockList, isIP } from 'node:net'
import { type Context, PrmError } from '@prm/core/adapter'
import { resolve, sameText } from '@prm/kit'
import type { SMTPServerSession } from 'smtp-server'
import type { MailGatewayConfig } from './config.ts'

/** Who may come in, and how often. */
export interface Door {
  /** There are names and passwords. */
  readonly users: boolean
  enter(session: SMTPServerSession): Error | null
  leave(session: SMTPServerSession): void
  /** The name, or why not. Throws where the password cannot be read. */
  login(session: SMTPServerSession, name: string, password: string): Promise<string | Error>
  sender(session: SMTPServerSession, address: string): Error | null
}

export function doorOf(config: MailGatewayConfig, ctx: Context): Door {
  const { clients = [], users = {}, senders, limits: { connections = 100, mailsPerMinute = 3_000 } = {} } = config
  const known = blockList(clients)
  const open = new Map<string, number>()
  const tally = tallyOf(ctx)
  const anybody = Object.keys(users).length > 0
  const mayWithout = ({ remoteAddress: ip }: SMTPServerSession): boolean =>
    known.check(ip, isIP(ip) === 6 ? 'ipv6' : 'ipv4')
  return {
    users: anybody,
    enter(session) {
      const { remoteAddress: ip } = session
      const now = (open.get(ip) ?? 0) + 1
      open.set(ip, now)
      if (!anybody && !mayWithout(session)) return refused(ctx, session, 554, 'This client may not send here.')
      if (now > Math.max(1, connections / 5)) return refused(ctx, session, 421, 'Too many connections at once.')
      return null
    },
    /** Who was turned away before `enter` has no address yet. */
    leave({ remoteAddress: ip }) {
      const left = (open.get(ip) ?? 1) - 1
      if (left > 0) open.set(ip, left)
      else open.delete(ip)
    },
    async login(session, name, password) {
      const secret = Object.hasOwn(users, name) ? users[name] : undefined
      const guesses = `guesses of ${session.remoteAddress}`
      if (tally(guesses, 0) >= 10) return refused(ctx, session, 421, 'Too many wrong passwords. Try again in a minute.')
      // A name that does not exist takes as long as one that does.
      const right = sameText(password, secret === undefined ? '' : await resolve(secret)) && secret !== undefined
      if (right) return name
      tally(guesses)
      return refused(ctx, session, 535, 'Name or password is wrong.')
    },
    sender(session, address) {
      if (!session.user && !mayWithout(session))
        return refused(ctx, session, 530, 'Authentication required: this client may not send without a password.')
      const domain = address.slice(address.lastIndexOf('@') + 1)
      const may = (one: string): boolean => [address, domain].some((text) => text.toLowerCase() === one.toLowerCase())
      if (senders && address !== '' && !senders.some(may))
        return refused(ctx, session, 550, 'This sender may not send here.')
      if (tally(session.remoteAddress) > mailsPerMinute)
        return refused(ctx, session, 451, 'Too many mails in a minute. Please send it again later.')
      return null
    },
  }
}

/** Counts by name within this minute; with `more` 0 it only looks. */
function tallyOf({ now }: Pick<Context, 'now'>): (name: string, more?: number) => number {
  let counted = 0
  let counts = new Map<string, number>()
  return (name, more = 1) => {
    const minute = Math.floor(now().getTime() / 60_000)
    if (minute !== counted) counts = new Map()
    counted = minute
    const count = (counts.get(name) ?? 0) + more
    counts.set(name, count)
    return count
  }
}

/** Throws `config` for what is no address or range. */
export function blockList(clients: readonly string[]): BlockList {
  const list = new BlockList()
  for (const [index, client] of clients.entries()) {
    const [ip = '', prefix] = client.split('/')
    const family = isIP(ip) === 6 ? 'ipv6' : 'ipv4'
    try {
      if (prefix === undefined) list.addAddress(ip, family)
      else if (/^[1-9]\d*$/.test(prefix)) list.addSubnet(ip, Number(prefix), family)
      else throw new TypeError('no prefix')
    } catch {
      const field = `clients[${index}]`
      throw new PrmError(
        'config',
        `mailGateway: ${field} is wrong: expected an IP address or a range in CIDR, and not everybody.`,
        {
          field,
        },
      )
    }
  }
  return list
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host)
}

/** Says so in the log too, with the machine's address. */
export function refused(ctx: Context, session: SMTPServerSession, code: number, message: string): Error {
  ctx.log('warn', 'A mail was refused.', { client: session.remoteAddress, code, why: message })
  return refusal(code, message)
}

export function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode })
}
