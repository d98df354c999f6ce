import type { Json, Scope } from '@prm/core'
import { idOf } from './file.ts'

/*
 * Who of a plan was promised a message, a bit for each recipient in order. Whoever is erased takes their message out of the store
 * with them; the plan's file still names them, and would be sent to them again.
 */

const rowId = (hash: string): string => `outreach:promised:${idOf(hash)}`

export type Promised = (index: number) => boolean

async function bitsOf(scope: Scope, hash: string): Promise<{ readonly bits: Buffer; readonly version: number }> {
  const row = await scope.get('cursor', rowId(hash))
  return { bits: Buffer.from((row?.value.value ?? '') as string, 'base64'), version: row?.version ?? 0 }
}

export async function promisedOf(scope: Scope, hash: string): Promise<Promised> {
  const { bits } = await bitsOf(scope, hash)
  return (index) => (((bits[index >> 3] ?? 0) >> (index & 7)) & 1) === 1
}

/** Once they are promised. Two who run it at once come one after the other. */
export async function notePromised(scope: Scope, hash: string, indices: readonly number[]): Promise<void> {
  if (indices.length === 0) return
  for (;;) {
    const { bits, version } = await bitsOf(scope, hash)
    const next = Buffer.alloc(Math.max(bits.length, (Math.max(...indices) >> 3) + 1))
    bits.copy(next)
    for (const index of indices) next[index >> 3] = (next[index >> 3] as number) | (1 << (index & 7))
    const value: Json = next.toString('base64')
    const [written] = await scope.commit([
      { put: [{ kind: 'cursor', value: { id: rowId(hash), value }, ifVersion: version }] },
    ])
    if (written) return
  }
}

/** Of a run that is done nothing is sent any more. */
export async function dropPromised(scope: Scope, hash: string): Promise<void> {
  await scope.commit([{ drop: [{ kind: 'cursor', id: rowId(hash) }] }])
}
