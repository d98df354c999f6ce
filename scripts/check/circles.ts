/**
 * Finds circles in a graph of names: comes in as each name with the names it needs, goes out as one line a circle, `a → b → a`.
 * Empty where each can be built before what needs it. Names outside the graph are left out.
 */
export function circles(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const found: string[] = []
  const open: string[] = []
  const done = new Set<string>()
  const visit = (name: string): void => {
    if (done.has(name) || !graph.has(name)) return
    if (open.includes(name)) {
      found.push([...open.slice(open.indexOf(name)), name].join(' → '))
      return
    }
    open.push(name)
    for (const next of graph.get(name) ?? []) visit(next)
    open.pop()
    done.add(name)
  }
  for (const name of graph.keys()) visit(name)
  return found
}
