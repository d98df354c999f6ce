import { PrmError } from '@prm/core'
import { checked } from './approve.ts'
import { idOf } from './file.ts'
import { outcomeOf, unbegun } from './report.ts'
import { type Became, looking, type Sending } from './run.ts'
import { keptOf } from './state.ts'
import type { Looked, PlanLine } from './types.ts'

/** All that a plan has for one id of its list. Throws `not_found`, and says how many rows cannot be told apart from it. */
export async function lookUp(host: Sending, file: string, id: string, signal?: AbortSignal): Promise<Looked> {
  const lines: PlanLine[] = []
  let nameless = 0
  const plan = await checked(file, signal, (line) => {
    if (line.id === id) lines.push(line)
    if (line.id === undefined) nameless++
  })
  const { header, footer, hash } = plan
  if (lines.length === 0) {
    const left = footer.filtered.reduce((sum, one) => sum + one.left, 0)
    const why = [
      ...(left > 0 ? [` Its filters left out ${left}, who are in no plan.`] : []),
      ...(nameless > 0 ? [` ${nameless} could not be read as far as their id: prm outreach show lists them.`] : []),
    ]
    const of = `${footer.summary.rows} of ${header.audience}`
    throw new PrmError('not_found', `This plan (rows: ${of}) has none of this id.${why.join('')}`, { field: 'id' })
  }
  const { by, at, purpose, audience } = header
  const { kept } = await keptOf(host.scope, hash)
  const standing = kept?.standing ?? (await unbegun(host, file, plan))
  const rows: Looked['rows'][number][] = []
  const look = await looking({ ...host, plan })
  for (const line of lines) {
    if (line.is !== 'recipient') {
      rows.push(line)
      continue
    }
    const became = (await look([line]))[0] as Became
    const medium = host.prm.adapters[line.via]?.channel?.medium ?? ''
    const { fate, key } = became
    rows.push({ ...line, medium, fate, outcome: outcomeOf(became), ...(key !== undefined && { key }) })
  }
  return {
    plan: { id: idOf(hash), by, at, purpose, audience },
    standing,
    id,
    rows,
  }
}
