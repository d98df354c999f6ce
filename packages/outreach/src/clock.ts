import type { Duration } from '@prm/core'
import type { OnProgress, Progress } from './types.ts'

/** Tells how far it is, four times a second at the most, and at the end. */
export interface Meter {
  at(done: number, total?: number): void
  end(done: number, total?: number): void
}

export function meter(what: Progress['what'], on: OnProgress | undefined, now: () => Date): Meter {
  if (!on) return { at: () => undefined, end: () => undefined }
  const began = performance.now()
  let last = began
  const tell = (done: number, total: number | undefined): void => {
    last = performance.now()
    const seconds = (last - began) / 1_000
    const rate = seconds > 0 ? done / seconds : 0
    const left = total === undefined || rate === 0 ? undefined : (total - done) / rate
    on({
      what,
      done,
      ...(total !== undefined && { total }),
      rate,
      ...(left !== undefined && { finish: new Date(now().getTime() + left * 1_000).toISOString() }),
    })
  }
  return {
    at: (done, total) => void (performance.now() - last >= 250 && tell(done, total)),
    end: tell,
  }
}

/** `NaN` for what is no duration. */
export function milliseconds(duration: Duration): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration) ?? []
  return unit ? Number(count) * { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit as 's'] : Number.NaN
}
