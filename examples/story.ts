/** What `npm run example` runs: a walk through a flow, of which each step is told once it has happened. */
export interface Story {
  /** For the list of examples. */
  readonly about: string
  /** With `--serve` it stays up, for a person to look at. */
  readonly serves?: true
  run(telling: Telling): Promise<void>
}

export interface Telling {
  /** One step: its name in a word or two, and one sentence that a librarian reads, made of what really happened. */
  tell(name: string, at: Date, text: string): void
  /** To standard error: what a person is to do, or may want to know. */
  aside(text: string): void
  /** There, where the example is to stay up until it aborts. */
  readonly stay?: AbortSignal
}

/** One line a step: `{"step","name","at","text"}` with `json`, else the same to be read. */
export function teller(line: (text: string) => void, json: boolean): Telling['tell'] {
  let step = 0
  return (name, at, text) => {
    const told = { step: ++step, name, at: at.toISOString(), text: text.replaceAll(/\s+/g, ' ').trim() }
    line(json ? JSON.stringify(told) : `${String(step).padStart(2)}  ${told.at}  ${name}\n    ${told.text}`)
  }
}
