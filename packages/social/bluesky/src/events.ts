import * as z from 'zod/mini'
import { fits } from './api.ts'
import { collection, postUri, uriOf } from './uri.ts'

/** One message of a Jetstream, of v1 or v2: a post, the end of one or of an account, or what it says of itself. */
export type Event = { readonly us: number } & (
  | { readonly kind: 'post' | 'deleted'; readonly did: string; readonly rkey: string; readonly record: unknown }
  | { readonly kind: 'account'; readonly did: string }
  | { readonly kind: 'other' }
)
export type Said = { readonly error: string } | { readonly info: string }

const text = z.string()
const commit = z.object({ operation: text, collection: text, rkey: text, record: z.optional(z.unknown()) })
const account = z.object({ active: z.boolean(), status: z.optional(text) })
const v1 = z.object({ did: text, time_us: z.int(), commit: z.optional(commit), account: z.optional(account) })
const v2 = z.object({
  payload: z.object({ ...z.partial(commit).shape, did: text, time: text, account: z.optional(account) }),
})
const own = z.union([
  z.object({ error: text }),
  z.object({ payload: z.object({ $type: z.string().check(z.endsWith('#info')), name: text }) }),
])

/** v1 takes a time for its cursor, v2 a time too: one that another instance understands as well. */
export function addressOf(url: string, us: number | undefined): string {
  const address = new URL(url)
  const fields: readonly (readonly [string, string])[] = address.pathname.includes('/xrpc/')
    ? [
        ['kinds', 'commit'],
        ['kinds', 'account'],
        ['collections', collection],
      ]
    : [['wantedCollections', collection]]
  for (const [name, value] of fields) address.searchParams.append(name, value)
  address.searchParams.set('maxMessageSizeBytes', String(mostBytes))
  if (us !== undefined) address.searchParams.set('cursor', String(us))
  return address.href
}
const mostBytes = 64 * 1024

/** Nothing where it is rubbish. */
export function eventOf(data: unknown): Event | Said | undefined {
  const value = typeof data === 'string' && data.length <= mostBytes ? parsed(data) : undefined
  const one = fits(v1, value)
  if (one) return of(one.time_us, one.did, one.commit, one.account)
  const two = fits(v2, value)?.payload
  const us = two && Date.parse(two.time) * 1000
  if (two && us) return of(us, two.did, two.operation === undefined ? undefined : fits(commit, two), two.account)
  const said = fits(own, value)
  if (!said) return undefined
  return 'error' in said ? { error: said.error.slice(0, 60) } : { info: said.payload.name.slice(0, 60) }
}

function of(us: number, did: string, change?: z.infer<typeof commit>, end?: z.infer<typeof account>): Event {
  // Suspended and deactivated accounts may come back.
  if (end && !end.active && /^(deleted|takendown)$/.test(end.status ?? '')) return { kind: 'account', us, did }
  const kind = change?.operation === 'create' ? 'post' : change?.operation === 'delete' && 'deleted'
  if (!change || !kind || change.collection !== collection || !postUri(uriOf(did, change.rkey)))
    return { kind: 'other', us }
  return { kind, us, did, rkey: change.rkey, record: change.record }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // Rubbish, as anybody may have sent it.
  }
}
