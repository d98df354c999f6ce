/** One text: its terms, each once, and how many say it so. */
export interface Doc {
  readonly terms: readonly string[]
  readonly weight: number
}

interface Group {
  /** Sum of its members' vectors. */
  readonly sums: Map<number, number>
  center: Vector
  size: number
}

/** How like a group a text must be to belong to it: the cosine of the two. */
const like = 0.3
/** From how like two groups are one. */
const same = 0.5
/** Terms that stand for a group. */
const breadth = 16

/**
 * Sorts texts into groups that share their rarer words: leaders first, what is said most before what is said once, then each
 * text to the group it is most like, until nothing moves or five rounds. The order of `docs` does not matter, but that groups
 * are numbered by it; -1 is a text without a term.
 */
export function cluster(docs: readonly Doc[]): readonly number[] {
  const ids = new Map<string, number>()
  for (const term of new Set(docs.flatMap(({ terms }) => terms)).values()) ids.set(term, 0)
  for (const [at, term] of [...ids.keys()].sort().entries()) ids.set(term, at)
  const inDocs = new Float64Array(ids.size)
  const terms = docs.map((doc) => doc.terms.map((term) => ids.get(term) ?? 0).sort((a, b) => a - b))
  for (const of of terms) for (const term of of) inDocs[term] = (inDocs[term] ?? 0) + 1
  // A word that nobody else uses joins nothing; it should not keep a text apart either.
  const rarity = inDocs.map((count) => Math.log(1 + docs.length / count) * (count === 1 ? 0.5 : 1))
  const vectors = terms.map((of) => unit(of.map((term) => [term, rarity[term] ?? 0] as const)))
  const names = docs.map(({ terms: of }) => [...of].sort().join(' '))
  const order = [...docs.keys()]
    .filter((at) => (vectors[at]?.length ?? 0) > 0)
    .sort((a, b) => (docs[b]?.weight ?? 0) - (docs[a]?.weight ?? 0) || compare(names[a] ?? '', names[b] ?? ''))

  const groups: Group[] = []
  const at = new Int32Array(docs.length).fill(-1)
  const where = Array.from(ids, () => new Map<number, number>()) // by term, the groups that it stands for, and how much
  const scores = new Float64Array(docs.length)
  for (const doc of order) {
    const vector = vectors[doc] ?? []
    let [best, most] = nearest(vector)
    if (most < like) {
      best = groups.length
      groups.push({ sums: new Map(), center: [], size: 0 })
    }
    at[doc] = best
    add(best, vector, docs[doc]?.weight ?? 1)
    const group = groups[best]
    if (group && Number.isInteger(Math.log2(++group.size))) settle(best) // what stands for many hardly moves
  }
  for (let round = 0, moved = true; moved && round < 5; round++) {
    join()
    rebuild()
    moved = false
    for (const doc of order) {
      const [best, most] = nearest(vectors[doc] ?? [])
      if (most < like || best === at[doc]) continue
      at[doc] = best
      moved = true
    }
  }
  return numbered(at)

  /** The group that a vector is most like, below `end`, and how like. */
  function nearest(vector: Vector, end = groups.length): readonly [number, number] {
    const met: number[] = []
    for (const [term, weight] of vector)
      for (const [group, there] of where[term] ?? []) {
        if (group >= end) continue
        const score = scores[group] ?? 0
        if (score === 0) met.push(group)
        scores[group] = score + weight * there
      }
    let [best, most] = [-1, 0]
    for (const group of met) {
      const score = scores[group] ?? 0
      if (score > most + 1e-12 || (score > most - 1e-12 && group < best)) [best, most] = [group, score]
      scores[group] = 0
    }
    return [best, most]
  }

  function add(group: number, vector: Vector, weight: number): void {
    const sums = groups[group]?.sums
    for (const [term, value] of vector) sums?.set(term, (sums.get(term) ?? 0) + value * Math.sqrt(weight))
  }

  /** Its commonest terms stand for it from now on. */
  function settle(group: number): void {
    const one = groups[group]
    if (!one) return
    for (const [term] of one.center) where[term]?.delete(group)
    one.center = unit([...one.sums].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, breadth))
    for (const [term, weight] of one.center) where[term]?.set(group, weight)
  }

  /** Groups that are alike become the first of them. */
  function join(): void {
    const into = new Map<number, number>()
    for (const [group, { center }] of groups.entries()) {
      const [best, most] = nearest(center, group)
      if (most >= same) into.set(group, into.get(best) ?? best)
    }
    if (into.size === 0) return
    for (const doc of order) at[doc] = into.get(at[doc] ?? -1) ?? at[doc] ?? -1
  }

  function rebuild(): void {
    for (const group of groups) group.sums.clear()
    for (const doc of order) add(at[doc] ?? 0, vectors[doc] ?? [], docs[doc]?.weight ?? 1)
    for (const group of groups.keys()) settle(group)
  }
}

type Vector = readonly (readonly [number, number])[]

function unit(vector: Vector): Vector {
  const length = Math.sqrt(vector.reduce((sum, [, weight]) => sum + weight * weight, 0))
  return length === 0 ? [] : vector.map(([term, weight]) => [term, weight / length] as const)
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Numbers from 0 in the order in which they are met. */
function numbered(at: Int32Array): readonly number[] {
  const numbers = new Map<number, number>()
  return [...at].map((group) => {
    if (group < 0) return -1
    const known = numbers.get(group) ?? numbers.size
    numbers.set(group, known)
    return known
  })
}
