import type { Adapters, Library, Prm } from '@prm/core'

export type General = Prm<Adapters, string, string, string>
/** The host that a plan works on. */
export interface Host {
  readonly prm: General
  readonly library: Library
}

/** Gives the host's own clock. */
export function clockOf({ prm }: Host): () => Date {
  return () => prm.now()
}
