import { type Json, PrmError, type Scope } from '@prm/core'
import { idOf } from './file.ts'
import type { Standing, State } from './types.ts'

/** What the store keeps of a run: no person is in it. */
export interface Kept extends State {
  /** When the first was sent, and until when the canary is watched. */
  readonly begun?: string
  readonly watched?: string
  /** What it was doing when it was paused or stopped. */
  readonly before?: Standing
  /** How often it was let go on after a stop: what was cancelled then is sent by keys of its own. */
  readonly round?: number
}

const rowId = (hash: string): string => `outreach:${idOf(hash)}`

export async function keptOf(
  scope: Scope,
  hash: string,
): Promise<{ readonly kept: Kept | undefined; readonly version: number }> {
  const row = await scope.get('cursor', rowId(hash))
  return { kept: row?.value.value as unknown as Kept | undefined, version: row?.version ?? 0 }
}

/** Writes on what is there now: two that change it at once do so one after the other. */
export async function change(scope: Scope, hash: string, to: (now: Kept | undefined) => Kept): Promise<Kept> {
  for (;;) {
    const { kept, version } = await keptOf(scope, hash)
    const next = to(kept)
    if (kept && JSON.stringify(kept) === JSON.stringify(next)) return kept
    const value = { id: rowId(hash), value: next as unknown as Json }
    const [written] = await scope.commit([{ put: [{ kind: 'cursor', value, ifVersion: version }] }])
    if (written) return next
  }
}

export function stateOf({ id, hash, standing, at, by, why }: Kept): State {
  return { id, hash, standing, at, ...(by !== undefined && { by }), ...(why !== undefined && { why }) }
}

/** What a person asks of a run. Throws `conflict` where there is nothing to pause, resume or stop. */
export function asked(
  kept: Kept | undefined,
  to: 'pause' | 'resume' | 'stop',
  at: string,
  by: string | undefined,
  why?: string,
): Kept {
  const { standing = 'planned' } = kept ?? {}
  const wrong = (what: string) => new PrmError('conflict', `It cannot be asked to ${to}: ${what}.`, { field: 'state' })
  if (!kept || standing === 'planned' || standing === 'approved') {
    const still = 'it has not begun. Its approval, if it has one, is withdrawn by deleting PLAN.approval.json'
    throw wrong(to === 'resume' ? 'it has not begun' : still)
  }
  if (standing === 'done') throw wrong('it is done')
  if (standing === 'stopped' && to === 'pause') throw wrong('it is stopped')
  const { why: _, by: __, ...rest } = kept
  const said = { ...rest, at, ...(by !== undefined && { by }) }
  if (to === 'resume') {
    if (standing !== 'paused' && standing !== 'stopped') return kept
    const round = (kept.round ?? 0) + (standing === 'stopped' ? 1 : 0)
    return { ...said, standing: kept.before ?? 'running', ...(round > 0 && { round }) }
  }
  const halted = standing === 'paused' || standing === 'stopped'
  const before = halted ? kept.before : standing
  return {
    ...said,
    standing: to === 'pause' ? 'paused' : 'stopped',
    ...(before && { before }),
    ...(why !== undefined && { why }),
  }
}
