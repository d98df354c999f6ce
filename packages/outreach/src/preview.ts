import { PrmError } from '@prm/core'
import { columnsOf } from './columns.ts'
import { clockOf, type Host } from './host.ts'
import { askOf, judge } from './plan.ts'
import type { Audience, Order, Preview, Row } from './types.ts'
import { writer } from './words.ts'

/** One row of the audience, by each way of the order. */
export async function preview(host: Host, order: Order, id: string, signal?: AbortSignal): Promise<Preview> {
  const { prm, library } = host
  const words = writer(order.templates, { library: library.name, ...order.data }, library.locale)
  const row = await rowOf(host, order.audience, id, signal)
  if (order.audience.sameColumns) columnsOf(host, order, words).row(row)
  const ways: Preview['ways'][number][] = []
  for (const via of order.via)
    for await (const { content, measure, blockers } of prm.preview([
      askOf({ ...order, via: [via] }, words, row, '-'),
    ])) {
      const why = blockers[0]?.detail
      ways.push({
        via,
        medium: prm.adapters[via]?.channel?.medium ?? '',
        ...(content && { content }),
        ...(measure && { units: measure.units }),
        ...(measure?.encoding && { encoding: measure.encoding }),
        ...(measure?.cost && { cost: measure.cost }),
        ...(!content && why !== undefined && { why }),
      })
    }
  const alone: Audience = {
    from: order.audience.from,
    async *read() {
      yield { row }
    },
  }
  const at = clockOf(host)().toISOString()
  for await (const outcome of judge(host, { ...order, audience: alone, filters: [] }, words, at, signal).lines)
    return { line: row.line, id, ways, outcome }
  throw new PrmError('not_found', 'The audience has no row of this id.', { field: 'id' })
}

async function rowOf({ library }: Host, audience: Audience, id: string, signal?: AbortSignal): Promise<Row> {
  for await (const { row, bad } of audience.read({ library, ...(signal && { signal }) })) {
    if (row?.id === id) return row
    if (bad?.id === id) throw new PrmError('invalid', `Line ${bad.line}: ${bad.why}`, { field: bad.field ?? 'id' })
  }
  throw new PrmError('not_found', 'The audience has no row of this id.', { field: 'id' })
}
