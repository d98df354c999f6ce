import { PrmError } from '@prm/core'
import type { Session } from './session.ts'

/** Half a library is none: while it is imported, and after its import was cut off, nothing else is done with it. */
export class Gate {
  readonly #session: Session
  #asked: Promise<ReadonlySet<string>> | undefined

  constructor(session: Session) {
    this.#session = session
  }

  /** Throws `conflict` for a library that is half there. Those who ask at once share a look. */
  async pass(libraries: readonly string[]): Promise<void> {
    this.#asked ??= half(this.#session).finally(() => {
      this.#asked = undefined
    })
    const shut = await this.#asked
    for (const library of libraries) if (shut.has(library)) throw halfThere(library)
  }
}

export async function half(session: Session): Promise<ReadonlySet<string>> {
  const rows = await session.all<{ library: string }>('select library from prm_import', [])
  return new Set(rows.map(({ library }) => library))
}

export function halfThere(library: string): PrmError {
  return new PrmError(
    'conflict',
    `The import into the library ${library} is still running, or was cut off: wait for it, or import anew, which first removes what is there.`,
  )
}
