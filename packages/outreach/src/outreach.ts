import { type Adapters, PrmError } from '@prm/core'
import { approvalOf, approve, checked, signingKey } from './approve.ts'
import { faults } from './faults.ts'
import { idOf, planOf } from './file.ts'
import { health } from './health.ts'
import { clockOf, type General, type Host } from './host.ts'
import { lookUp } from './person.ts'
import { plan } from './plan.ts'
import { preview } from './preview.ts'
import { reconcile } from './reconcile.ts'
import { forget, hasOthers, repeatsOf, sketch } from './repeats.ts'
import { report } from './report.ts'
import { cancelRest, found, run } from './run.ts'
import { asked, change, keptOf, stateOf } from './state.ts'
import type { Approval, Outreach, OutreachOptions, Shown, State } from './types.ts'

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
  const ask = async (file: string, to: 'pause' | 'resume', by?: string): Promise<State> => {
    const { hash } = await checked(file)
    const { kept } = await keptOf(scope, hash)
    // Whoever stopped it may have been killed on the way; what goes on has keys of its own.
    if (to === 'resume' && kept?.standing === 'stopped') await cancelRest(host, hash, kept)
    return stateOf(await change(scope, hash, (kept) => asked(kept, to, now().toISOString(), by)))
  }
  return {
    async plan(order, how) {
      const before = await refuseBegun(how.out, how.signal)
      const marks =
        key === undefined || !(await hasOthers(scope, order.purpose)) ? undefined : sketch(await signingKey(key))
      const made = await plan(host, order, how, marks, () => refuseBegun(how.out, how.signal))
      const { hash } = made.summary
      if (before !== undefined && before !== hash) await forget(scope, before)
      return { ...made, repeats: marks ? await repeatsOf(scope, { ...made, hash }, marks.bytes(), now()) : [] }
    },
    preview: (order, id, signal) => preview(host, order, id, signal),
    show: (file, signal) => show(file, signal),
    lookUp: (file, id, signal) => lookUp(sending, file, id, signal),
    approve: (file, how) => approve(sending, file, how),
    run: (file, how = {}) => run(sending, file, how),
    pause: (file, { by } = {}) => ask(file, 'pause', by),
    resume: (file, { by } = {}) => ask(file, 'resume', by),
    async stop(file, { by, why } = {}) {
      const plan = await checked(file)
      const kept = await change(scope, plan.hash, (kept) => asked(kept, 'stop', now().toISOString(), by, why))
      await cancelRest(sending, plan.hash, kept)
      return { ...stateOf(kept), ...(await found({ ...sending, file, plan })) }
    },
    reconcile: (file, how = {}) => reconcile(sending, file, how),
    report: (file, how = {}) => report(sending, file, how),
    health: (audience, how) => health(host, audience, how),
  }

  /** What has begun is gone on with, and reported of, by its file. */
  async function refuseBegun(file: string, signal: AbortSignal | undefined): Promise<string | undefined> {
    const there = await checked(file, signal).catch(() => undefined)
    signal?.throwIfAborted()
    if (there && (await keptOf(scope, there.hash)).kept?.begun)
      throw new PrmError('conflict', 'The plan that is there has been run, and its report needs it: name a new file.', {
        field: 'out',
      })
    return there?.hash
  }

  async function show(file: string, signal?: AbortSignal): Promise<Shown> {
    const bad = faults()
    const marks = key === undefined ? undefined : sketch(await signingKey(key))
    const whole = await checked(file, signal, (line) => {
      if (line.is === 'bad') bad.look(line)
      marks?.look(line)
    })
    const { header, footer, hash } = whole
    const { kept } = await keptOf(scope, hash)
    let approval: Approval | undefined
    let refused: string | undefined
    try {
      approval = await approvalOf(key, file, whole)
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
      plan: planOf(
        file,
        header,
        footer,
        hash,
        bad.found(),
        marks && (await repeatsOf(scope, { ...header, hash }, marks.bytes(), now())),
      ),
      ...(approval && { approval }),
      ...(refused !== undefined && { refused }),
      state: kept ? stateOf(kept) : fresh,
    }
  }
}
