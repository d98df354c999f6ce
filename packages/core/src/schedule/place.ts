// In: a library, a patron and a branch. Out: the time zone, quiet hours and branch that apply. Pure.
import type { Branch, Library, Medium, Patron } from '../contract/index.ts'
import type { QuietWindow } from '../time/index.ts'

export interface Whereabouts {
  readonly patron?: Pick<Patron, 'timeZone' | 'branch' | 'quietHours'>
  readonly branch?: string
}

/** The zone in which this patron's clock runs: their own, else their branch's, else the library's. */
export function zoneOf(library: Pick<Library, 'branches' | 'timeZone'>, at: Whereabouts): string {
  return at.patron?.timeZone ?? branchOf(library, at)?.timeZone ?? library.timeZone
}

/** Every window in which this patron is left alone by this medium: the library's, the branch's and their own. */
export function quietHours(library: Library, at: Whereabouts, medium: Medium): readonly QuietWindow[] {
  const zone = zoneOf(library, at)
  const branch = branchOf(library, at)
  const binds = ({ media }: { readonly media?: readonly Medium[] }) => media?.includes(medium) ?? true
  return [
    ...(library.quietHours && binds(library.quietHours) ? [{ span: library.quietHours, zone }] : []),
    ...(branch?.quietHours && binds(branch.quietHours)
      ? [{ span: branch.quietHours, zone: branch.timeZone ?? library.timeZone }]
      : []),
    ...(at.patron?.quietHours ? [{ span: at.patron.quietHours, zone }] : []),
  ]
}

export function branchOf(library: Pick<Library, 'branches'>, { patron, branch }: Whereabouts): Branch | undefined {
  const id = branch ?? patron?.branch
  return id === undefined ? undefined : library.branches?.find((one) => one.id === id)
}
