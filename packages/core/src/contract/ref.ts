/** Names a fact or a message for ever: keys are unique per library and source. Source `prm` is what we sent ourselves. */
export interface Ref {
  readonly source: string
  readonly key: string
}

/** The id of an interaction: source and key. */
export function refId(ref: Ref): string {
  return `${ref.source} ${ref.key}`
}
