import { type Adapters, PrmError } from '@prm/core'
import { approvalOf, approve, checked } from './approve.ts'
import { idOf, planOf, readPlan } from './file.ts'
import { badRow, clockOf, type General, type Host, plan } from './plan.ts'
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
  const later = async (): Promise<never> => {
    throw new PrmError('unsupported', 'This comes with the next commits.')
  }
  const ask = async (file: string, to: 'pause' | 'resume' | 'stop', by?: string, why?: string): Promise<State> => {
    const { hash } = await checked(file)
    return stateOf(await change(scope, hash, (kept) => asked(kept, to, now().toISOString(), by, why)))
  }
  return {
    plan: (order, how) => plan(host, order, how),
    preview: later,
    show: (file, signal) => show(file, signal),
    async approve(file, { by }) {
      return approve(host, key, file, by)
    },
    run: (file, how = {}) => run({ ...host, scope, key }, file, how),
    pause: (file, { by } = {}) => ask(file, 'pause', by),
    resume: (file, { by } = {}) => ask(file, 'resume', by),
    stop: (file, { by, why } = {}) => ask(file, 'stop', by, why),
    reconcile: later,
    report: later,
    health: later,
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
