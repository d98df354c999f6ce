import { type Decision, type Library, PrmError, type Store } from '@prm/core'
import { whatIf } from '@prm/core/what-if'
import { sqlite } from '@prm/store-sqlite'
import { type Adapters, flows, optionsOf } from './host.ts'
import type { Printer } from './printer.ts'

/** Prints what would have been decided otherwise since that day, had the library been as the command line says. */
export async function compare(
  { library, adapters, store, since }: { library: Library; adapters: Adapters; store: Store; since: string },
  { json, line }: Printer,
): Promise<void> {
  const options = optionsOf({ library, adapters })
  const rows = store.scope(library.id).export()
  const question = { options, store: sqlite({ memory: true }), change: {}, flows, since }
  let [same, otherwise] = [0, 0]
  for await (const { key, before, after, changed } of whatIf(rows, question)) {
    if (changed.length === 0) same++
    else otherwise++
    if (json) line(JSON.stringify({ difference: { key, changed, before: before?.outcome, after: after?.outcome } }))
    else if (changed.length > 0)
      line(`${key}: ${changed.join(', ')}\n  was   ${inWords(before)}\n  were  ${inWords(after)}`)
  }
  if (json) line(JSON.stringify({ summary: { same, otherwise } }))
  else
    line(`${same + otherwise} messages since ${since}: ${otherwise} would be otherwise. Nothing was sent or changed.`)
  if (same + otherwise === 0) throw new PrmError('not_found', `Nothing was decided in this store since ${since}.`)
}

function inWords(decision: Decision | undefined): string {
  if (!decision) return 'not decided'
  const { outcome } = decision
  if (!outcome.send) return `not told: ${outcome.rule}`
  const { to, via, notBefore, units, cost } = outcome
  return `${to.value} by ${via}, ${notBefore}, ${units} ${units === 1 ? 'part' : 'parts'}${cost ? `, ${cost.micros / 1e6} ${cost.currency}` : ''}`
}
