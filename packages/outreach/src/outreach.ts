import { type Adapters, PrmError } from '@prm/core'
import { approvalOf, approve, checked } from './approve.ts'
import { idOf, planOf, readPlan } from './file.ts'
import { health } from './health.ts'
import { badRow, clockOf, type General, type Host, plan } from './plan.ts'
import { preview } from './preview.ts'
import { reconcile } from './reconcile.ts'
import { report } from './report.ts'
import { run } from './run.ts'
import { asked, change, keptOf, stateOf } from './state.ts'
import type { Approval, BadRow, Outreach, OutreachOptions, Shown, State } from './types.ts'

/** Bulk messages over one host: a plan, somebody who approves it, and a run that survives anything. */
export function outreach<A extends Adapters, U extends string, T extends string, R extends string>(
  options: OutreachOptions<A, U, T, R>,
): Outreach {
  const { library, key } = options
  // Inside, the names of adapters and purposes are plain texts.
  const host: Host = { prm: options.prm as unknown as General, library }
  const scope = options.store.scope(library.id)
  const now = clockOf(host)
  const sending = { ...host, scope, key }
  const ask = async (file: string, to: 'pause' | 'resume' | 'stop', by?: string, why?: string): Promise<State> => {
    const { hash } = await checked(file)
    return stateOf(await change(scope, hash, (kept) => asked(kept, to, now().toISOString(), by, why)))
  }
  return {
    async plan(order, how) {
      await refuseBegun(how.out, how.signal)
      return plan(host, order, how)
    },
    preview: (order, id, signal) => preview(host, order, id, signal),
    show: (file, signal) => show(file, signal),
    async approve(file, { by }) {
      return approve(host, key, file, by)
    },
    run: (file, how = {}) => run(sending, file, how),
    pause: (file, { by } = {}) => ask(file, 'pause', by),
    resume: (file, { by } = {}) => ask(file, 'resume', by),
    stop: (file, { by, why } = {}) => ask(file, 'stop', by, why),
    reconcile: (file, how = {}) => reconcile(sending, file, how),
    report: (file, how = {}) => report(sending, file, how),
    health: (audience, how) => health(host, audience, how),
  }

  /** What has begun is gone on with, and reported of, by its file. */
  async function refuseBegun(file: string, signal: AbortSignal | undefined): Promise<void> {
    const there = await checked(file, signal).catch(() => undefined)
    signal?.throwIfAborted()
    if (there && (await keptOf(scope, there.hash)).kept?.begun)
      throw new PrmError('conflict', 'The plan that is there has been run, and its report needs it: name a new file.', {
        field: 'out',
      })
  }

  async function show(file: string, signal?: AbortSignal): Promise<Shown> {
    const bad: BadRow[] = []
    const lines = readPlan(file, signal)
    let next = await lines.next()
    for (; !next.done; next = await lines.next())
      if (next.value.is === 'bad' && bad.length < 100) bad.push(badRow(next.value))
    const { header, footer, hash } = next.value
    const { kept } = await keptOf(scope, hash)
    let approval: Approval | undefined
    let refused: string | undefined
    try {
      approval = await approvalOf(key, file, next.value)
    } catch (error) {
      if (!PrmError.is(error)) throw error
      refused = error.message
    }
    const fresh = {
      id: idOf(hash),
      hash,
      standing: approval ? 'approved' : 'planned',
      at: approval?.at ?? header.at,
    } as const
    return {
      plan: planOf(file, header, footer, hash, bad),
      ...(approval && { approval }),
      ...(refused !== undefined && { refused }),
      state: kept ? stateOf(kept) : fresh,
    }
  }
}
