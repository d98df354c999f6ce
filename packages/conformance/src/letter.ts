import assert from 'node:assert/strict'
import type { Adapter, Context, Interaction } from '@prm/core/adapter'
import { within } from './rig.ts'

/** What the vendor calls, as values: a Request can be read once. */
export interface Letter {
  readonly url: string
  readonly method: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Uint8Array<ArrayBuffer>
}

/** Keeps a request that a vendor posted. */
export async function letterOf(request: Request): Promise<Letter> {
  const body = new Uint8Array(await request.arrayBuffer())
  return { url: request.url, method: request.method, headers: [...request.headers], body }
}

/** Hands a kept request to the adapter, and gives the interactions that it made of it. */
export function receive(
  { webhook }: Adapter,
  { url, method, headers, body }: Letter,
  ctx: Context,
): Promise<readonly Interaction[]> {
  assert(webhook)
  const init = { method, headers: headers.map(([name, value]): [string, string] => [name, value]) }
  const request = new Request(url, body.byteLength > 0 ? { ...init, body } : init)
  return within(webhook.receive(request, ctx).then(({ interactions }) => interactions))
}
