import { PrmError } from '@prm/core/adapter'
import type { Session } from './session.ts'

/** Milliseconds for which a library that had a row is taken to have one. Writing does not go by it. */
const fresh = 10_000

/** Half a library is none: while it is imported, and after its import was cut off, nothing else is done with it. */
export class Gate {
  readonly #session: Session
  readonly #filled = new Map<string, number>()
  readonly #looking = new Set<string>()
  #asked: Promise<ReadonlySet<string>> | undefined

  constructor(session: Session) {
    this.#session = session
  }

  /** Throws `conflict` for a library that is half there. Those who ask at once share a look. */
  async pass(libraries: readonly string[]): Promise<void> {
    if (this.passed(libraries)) return
    this.#asked ??= half(this.#session).finally(() => {
      this.#asked = undefined
    })
    const shut = await this.#asked
    for (const library of libraries) if (shut.has(library)) throw halfThere(library)
  }

  /** Nobody needs to look. */
  passed(libraries: readonly string[]): boolean {
    const since = performance.now() - fresh
    return libraries.every((library) => (this.#filled.get(library) ?? Number.NEGATIVE_INFINITY) > since)
  }

  /** A row of this library was read: if it is whole, nothing can be imported into it, and nobody needs to look for a while. */
  filled(library: string): void {
    const now = performance.now()
    if (this.#looking.has(library) || (this.#filled.get(library) ?? Number.NEGATIVE_INFINITY) > now - fresh / 2) return
    this.#looking.add(library)
    half(this.#session)
      .then((shut) => {
        if (!shut.has(library)) this.#filled.set(library, now)
      })
      .catch(() => undefined)
      .finally(() => this.#looking.delete(library))
  }
}

export async function half(session: Session, how = ''): Promise<ReadonlySet<string>> {
  const rows = await session.all<{ library: string }>(`select library from prm_import${how}`, [])
  return new Set(rows.map(({ library }) => library))
}

export function halfThere(library: string): PrmError {
  return new PrmError(
    'conflict',
    `The import into the library ${library} is still running, or was cut off: wait for it, or import anew, which first removes what is there.`,
  )
}

/** Where others write at the same time: an import, which locks the table, begins before this transaction or after it. */
export function keepsOut({ shared }: Session): string {
  return shared ? ' for key share' : ''
}
