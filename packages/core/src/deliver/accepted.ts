// In: a receipt of a provider. Out: the stored outcome, and the jobs that watch over the message from now on.
import type { Consent, Message, Receipt, Settled } from '../contract/index.ts'
import { refusalBy } from '../ingest/index.ts'
import { askJob, lateJobs, otherWay, put } from '../runtime/index.ts'
import { isBack } from './outage.ts'
import { record } from './outcome.ts'
import type { Start } from './start.ts'

export async function accepted(start: Start, receipt: Receipt, said: string): Promise<Settled> {
  const { id, from, state, code, addressStatus } = receipt
  const { via } = start.message
  start.engine.silent.delete(via)
  if (start.engine.paused.delete(via)) start.engine.emit('adapter', { id: via, state: 'ready' })
  await isBack(start.engine, via, start.at)
  const changes: Partial<Message> = { state, ...(id && { providerId: id }), ...(from && { from }) }
  const puts = addressStatus ? [put('consent', await refusal(start, addressStatus))] : []
  const asks = id !== undefined && engineAsks(start) && (state === 'accepted' || state === 'sent')
  const { key, notBefore } = start.message
  const jobs = asks ? [askJob(key, start.at)] : otherWay(start.engine, start.message, addressStatus)
  const late = lateJobs(key, notBefore, start.at)
  return record(start, `${said}${state}${code ? ` (${code})` : ''}`, { done: true }, changes, puts, [...jobs, ...late])
}

/** Without a public URL nobody reports to us, so we ask. */
function engineAsks({ engine, channel }: Start): boolean {
  return engine.options.publicUrl === undefined && channel.lookup !== undefined
}

export function refusal({ engine, message }: Start, means: 'undeliverable' | 'blocked'): Promise<Consent> {
  return refusalBy(engine, message.to, means, message.via, { source: 'prm', key: message.key })
}
