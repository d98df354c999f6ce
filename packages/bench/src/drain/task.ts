import { phone } from '@prm/kit'
import { recipients } from '../audience.ts'
import { words } from '../ours.ts'

export interface Task {
  readonly provider: string
  readonly count: number
  /** Calls under way at once. */
  readonly concurrency: number
  /** Where a contender may keep its file. */
  readonly folder: string
  /** The database to use instead of a file. */
  readonly database?: string
}
export interface Drained {
  readonly perSecond: number
  /** Microseconds of CPU a message, of the process that sends. */
  readonly cpu: number
}

export function messages(count: number): readonly { readonly to: string; readonly text: string }[] {
  return Array.from(recipients(count), (one) => ({ to: phone(one.phone, 'US').e164 ?? '', text: words(one) }))
}

/** Times the sending of all of them, once everything is prepared. */
export async function timed(count: number, work: () => Promise<void>): Promise<Drained> {
  const [began, used] = [performance.now(), process.cpuUsage()]
  await work()
  const { user, system } = process.cpuUsage(used)
  return { perSecond: (count / (performance.now() - began)) * 1_000, cpu: (user + system) / count }
}

/** So many at once, each the next as soon as it is done. */
export async function loop<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values()
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (const item of left) await work(item)
    }),
  )
}
