import type { Kind, Kinds } from '@prm/core'
import { tableOf } from './kinds.ts'
import { inChunks, type Session } from './session.ts'

export type Row<K extends Kind> = { readonly value: Kinds[K]; readonly version: number } | undefined

interface Wish {
  readonly id: string
  resolve(row: { readonly value: string; readonly version: number } | undefined): void
  reject(error: unknown): void
}

/**
 * Reads by id that are asked for in one go share a statement: a batch of 500 facts asks for 500 patrons, and fifty workers
 * each for a message, and a statement costs more than the row it reads.
 */
export function gatherer(session: Session): <K extends Kind>(library: string, kind: K, id: string) => Promise<Row<K>> {
  let waiting = new Map<string, { readonly library: string; readonly kind: Kind; readonly wishes: Wish[] }>()

  async function read(library: string, kind: Kind, wishes: readonly Wish[]): Promise<void> {
    const found = new Map<string, { readonly value: string; readonly version: number }>()
    try {
      await inChunks(
        [...new Set(wishes.map(({ id }) => id))],
        1,
        (tuples) => `select id, version, value from ${kind} where library = ? and id in (values ${tuples})`,
        (id, into) => into.push(id),
        async (sql, values) => {
          for (const row of await session.all<{ id: string; version: number; value: string }>(sql, [
            library,
            ...values,
          ]))
            found.set(row.id, row)
        },
      )
    } catch (error) {
      for (const wish of wishes) wish.reject(error)
      return
    }
    for (const wish of wishes) wish.resolve(found.get(wish.id))
  }

  return async <K extends Kind>(library: string, kind: K, id: string): Promise<Row<K>> => {
    tableOf(kind)
    const row = await new Promise<{ readonly value: string; readonly version: number } | undefined>(
      (resolve, reject) => {
        if (waiting.size === 0)
          queueMicrotask(() => {
            const all = waiting
            waiting = new Map()
            for (const { library, kind, wishes } of all.values()) void read(library, kind, wishes)
          })
        const key = `${library}\0${kind}`
        const some = waiting.get(key) ?? { library, kind, wishes: [] }
        some.wishes.push({ id, resolve, reject })
        waiting.set(key, some)
      },
    )
    return row && { value: JSON.parse(row.value) as Kinds[K], version: row.version }
  }
}
