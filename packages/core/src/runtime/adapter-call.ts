// In: a call of an adapter. Out: its answer within a time limit, or a `PrmError`.
import { type Address, type Channel, type Content, type Measurement, PrmError } from '../contract/index.ts'
import { milliseconds } from '../time/index.ts'

/** What a content comes to. An adapter that cannot say so cannot carry it, and stops no other. */
export function measured(channel: Channel, content: Content, to: Address): Measurement {
  try {
    return channel.measure(content, to)
  } catch (error) {
    const unfit = `its adapter threw ${error instanceof Error ? error.name : 'something'}`
    return { units: 0, unit: 'part', unreachable: unfit, warnings: [] }
  }
}

/** Longer than an adapter's own time-outs: a call without an end would keep its slot, and whoever stops, for ever. */
const mostCallMs = milliseconds('5m')

export async function inTime<T>(call: (cut: AbortSignal) => Promise<T>): Promise<T> {
  const cut = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new PrmError('unknown', 'The adapter did not answer within 5 minutes.'))
      cut.abort()
    }, mostCallMs)
  })
  try {
    return await Promise.race([call(cut.signal), silence])
  } finally {
    clearTimeout(timer)
  }
}

/** How long after a call it may be that what was taken does not show yet. */
export function settleMs({ limits }: Channel): number {
  return milliseconds(limits.visibleAfter ?? '60s') || 60_000
}
