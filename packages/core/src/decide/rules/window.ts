// What the three rules about windows of time share: each says when it lets the message go, or that it never does.
import type { Mover } from '../../schedule/index.ts'
import { spoken } from '../../time/index.ts'

import { defer, type Judgement, reject, type TimeCase } from '../rule.ts'

export function judgeWindow(
  { moves, zone }: TimeCase,
  by: Mover,
  { waits, never }: { readonly waits: string; readonly never: string },
): Judgement | undefined {
  const until = moves.get(by)
  if (until === undefined) return undefined
  return Number.isNaN(until)
    ? reject(never, { ends: 'medium' })
    : defer(`${waits}: it waits until ${spoken(until, zone)}.`)
}
