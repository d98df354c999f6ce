// In: when a patron got messages. Out: when the caps allow the next one. Pure.
import type { Shared, Told } from '../contract/index.ts'
import { milliseconds } from '../time/index.ts'

/** The caps that bind this purpose: its own, and that over all. */
export function capsOf(
  { library, purposes }: Pick<Shared, 'library' | 'purposes'>,
  of: string,
): readonly { readonly max: number; readonly ms: number; readonly of?: string }[] {
  const own = purposes[of]?.frequencyCap
  const all = library.frequencyCap
  return [
    ...(own ? [{ max: own.max, ms: milliseconds(own.per), of }] : []),
    ...(all ? [{ max: all.max, ms: milliseconds(all.per) }] : []),
  ]
}

/** The first moment from `at` on before which each cap leaves room. */
export function nextFree(at: number, told: readonly Told[], caps: ReturnType<typeof capsOf>): number {
  for (const { max, ms, of } of caps) {
    const within = told
      .filter(({ purpose }) => of === undefined || purpose === of)
      .map((one) => Date.parse(one.at))
      .filter((moment) => moment <= at && moment > at - ms)
      .sort((a, b) => b - a)
    const last = within[max - 1]
    if (last !== undefined) return nextFree(last + ms, told, caps)
  }
  return at
}
