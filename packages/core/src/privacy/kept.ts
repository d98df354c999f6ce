// What an erasure says about what it could not remove.
import type { Prm } from '../contract/index.ts'

export type Erased = Awaited<ReturnType<Prm['erase']>>

export type Kept = Erased['kept'][number]

/** A call to a provider that has begun is waited for: half a minute. */
export const lookMs = 50

export const mostLooks = 600
