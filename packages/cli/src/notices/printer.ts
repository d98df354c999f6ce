/** The two outputs of a run over notices, and whether lines are JSON. */
export interface Printer {
  readonly json: boolean
  /** To standard output. */
  line(text: string): void
  /** To standard error. */
  aside(text: string): void
}
