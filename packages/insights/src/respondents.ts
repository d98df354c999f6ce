import { copies } from './duplicates.ts'
import { standing } from './posts.ts'
import { isPublic, type Rows, type Said } from './quotes.ts'

/** What was said, once a row, and who of it is one voice. */
export interface Voices {
  /** By id, whatever the order in which the rows came; of a post that was edited the last, of one that is gone none. */
  readonly rows: readonly Said[]
  /** The name of the voice that each row, by its place, belongs to: the smallest id of its rows. */
  readonly of: readonly string[]
}

/**
 * Collapses what is not independent: one person, one thread, a repost, and public posts that say the same, or half of it, in
 * eight words or more. The same row from two files is one. The order of the rows does not matter.
 */
export async function voices(said: Rows<Said>): Promise<Voices> {
  const byId = new Map<string, Said>()
  for await (const one of said) {
    const there = byId.get(one.id)
    if (!there || JSON.stringify(one) < JSON.stringify(there)) byId.set(one.id, one)
  }
  const rows = standing([...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1)))
  const parents = rows.map((_, at) => at)
  const root = (at: number): number => {
    let top = at
    while (parents[top] !== top) top = parents[top] ?? top
    for (let next = at; next !== top; ) [next, parents[next]] = [parents[next] ?? top, top]
    return top
  }
  const tie = (at: number, other: number): void => {
    const [a, b] = [root(at), root(other)]
    parents[Math.max(a, b)] = Math.min(a, b)
  }
  const first = new Map<string, number>()
  for (const [at, one] of rows.entries())
    for (const name of tiesOf(one)) {
      const other = first.get(name)
      if (other === undefined) first.set(name, at)
      else tie(at, other)
    }
  const posts = [...rows.keys()].filter((at) => isPublic(rows[at]?.kind ?? ''))
  for (const [at, other] of copies(posts.map((row) => rows[row]?.text ?? '')).entries())
    tie(posts[at] as number, posts[other] as number)
  return { rows, of: rows.map((_, at) => rows[root(at)]?.id ?? '') }
}

/** What two rows of one voice have in common. */
function tiesOf({ id, person, thread, independence, copyOf }: Said): readonly string[] {
  const ties = [`row ${id}`]
  if (person !== undefined) ties.push(`person ${person}`)
  if (thread !== undefined) ties.push(`thread ${thread}`)
  if (independence !== undefined) ties.push(`voice ${independence}`)
  if (copyOf !== undefined) ties.push(`row ${copyOf}`)
  return ties
}
