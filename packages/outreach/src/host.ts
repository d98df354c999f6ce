import type { Adapters, Library, Prm } from '@prm/core'

export type General = Prm<Adapters, string, string, string>
/** The host that a plan works on. */
export interface Host {
  readonly prm: General
  readonly library: Library
}

/** The host's own clock, which every adapter is given. */
export function clockOf({ prm }: Host): () => Date {
  const [id = ''] = Object.keys(prm.adapters)
  return () => prm.context(id).now()
}
