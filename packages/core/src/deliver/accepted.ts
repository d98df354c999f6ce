import type { Receipt } from '../contract/channel.ts'
import type { Message } from '../contract/message.ts'
import type { Consent } from '../contract/people.ts'
import type { Settled } from '../contract/store.ts'
import { refusalBy } from '../ingest/consent.ts'
import { askJob, lateJobs, otherWay } from '../runtime/jobs.ts'
import { put } from '../runtime/lookup.ts'
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
