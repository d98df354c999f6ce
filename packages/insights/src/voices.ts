import type { Kind, Rows, Said } from './said.ts'

/** What was said, once a row, and who of it is one voice. */
export interface Voices {
  /** By id, whatever the order in which the rows came. */
  readonly rows: readonly Said[]
  /** The name of the voice that each row, by its place, belongs to: the smallest id of its rows. */
  readonly of: readonly string[]
}

/**
 * Collapses what is not independent: one person, one thread, a repost, and public posts that say the same in eight words or
 * more. The same row from two files is one. The order of the rows does not matter.
 */
export async function voices(said: Rows<Said>): Promise<Voices> {
  const byId = new Map<string, Said>()
  for await (const one of said) {
    const there = byId.get(one.id)
    if (!there || JSON.stringify(one) < JSON.stringify(there)) byId.set(one.id, one)
  }
  const rows = [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  const parents = rows.map((_, at) => at)
  const root = (at: number): number => {
    let top = at
    while (parents[top] !== top) top = parents[top] ?? top
    for (let next = at; next !== top; ) [next, parents[next]] = [parents[next] ?? top, top]
    return top
  }
  const first = new Map<string, number>()
  for (const [at, one] of rows.entries())
    for (const tie of tiesOf(one)) {
      const other = first.get(tie)
      if (other === undefined) first.set(tie, at)
      else {
        const [a, b] = [root(at), root(other)]
        parents[Math.max(a, b)] = Math.min(a, b)
      }
    }
  return { rows, of: rows.map((_, at) => rows[root(at)]?.id ?? '') }
}

/** What two rows of one voice have in common. */
function tiesOf({ id, kind, text, person, thread, independence, copyOf }: Said): readonly string[] {
  const ties = [`row ${id}`]
  if (person !== undefined) ties.push(`person ${person}`)
  if (thread !== undefined) ties.push(`thread ${thread}`)
  if (independence !== undefined) ties.push(`voice ${independence}`)
  if (copyOf !== undefined) ties.push(`row ${copyOf}`)
  const words = isPublic(kind)
    ? (text
        .replace(/^\s*RT\s+@?\S+:?/i, '')
        .toLowerCase()
        .match(/[\p{L}\p{N}]+/gu) ?? [])
    : []
  if (words.length >= 8) ties.push(`words ${words.join(' ')}`)
  return ties
}

const isPublic = (kind: Kind): boolean => kind === 'mention'
