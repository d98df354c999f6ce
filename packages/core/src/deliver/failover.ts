// In: an urgent message whose provider is down. Out: the same message by another provider, within the budget of the day.
import type { Settled } from '../contract/index.ts'
import { againJob, goesOn, otherWay } from '../runtime/index.ts'
import { instant, milliseconds } from '../time/index.ts'
import { sendNow } from './attempt.ts'
import { wayAround } from './fallback.ts'
import { goneBefore, lookedUpFirst } from './look-first.ts'
import { type Down, downNow } from './outage.ts'
import { record, waits } from './outcome.ts'
import { heldMs, isLate, nearMs, pauseMs, recentMs, type Start } from './start.ts'

/** That its adapter is down, where its purpose does not wait for ever, and when that is long enough. */
export async function outageOf({ engine, message }: Start): Promise<(Down & { readonly goes: number }) | undefined> {
  const { failover } = engine.options.purposes[message.purpose] ?? {}
  const down = failover && message.sends && (await downNow(engine)).get(message.via)
  return down && { ...down, goes: Date.parse(down.since) + milliseconds(failover.after ?? '5m') }
}

/**
 * What becomes of an urgent message while its adapter is down; nothing where it waits like any other. One a minute is tried
 * there, so that it is seen when that is back: first where a call that fails surely sends nothing.
 */
export async function inOutage(
  start: Start,
  { code, goes }: Down & { readonly goes: number },
): Promise<Settled | undefined> {
  const { engine, message } = start
  const { via, attempts } = message
  const at = Date.parse(start.at)
  const paused = () => (engine.paused.get(via) ?? 0) > at
  const surely = code !== 'unknown'
  // What has no other way, and no time, is better tried than not.
  const soon = isLate(message, at + nearMs) && otherWay(engine, message, 'deadline').length === 0
  if (goes > at) return surely || soon ? undefined : waits(start, Math.min(goes, at + pauseMs))
  const tried = attempts.some((one) => Date.parse(one.at) > at - recentMs)
  if (!surely || tried || paused()) {
    // After a night without a call it may be back: whoever asks is waited for.
    if (surely && !tried && !soon && !((engine.silent.get(via)?.last ?? 0) > at - recentMs))
      return waits(start, at + heldMs)
    const around = await goAround(start, Math.max(engine.paused.get(via) ?? 0, at + pauseMs))
    if (around || paused()) return around
  }
  engine.paused.set(via, at + pauseMs)
  return (await goneBefore(start)) ?? sendNow(start)
}

/**
 * Another adapter is decided where it may go at once, and within the money of the day; that it may not is said once. What has
 * to be looked up first, since it may have gone before this host began, waits for who can be asked.
 */
async function goAround(start: Start, later: number): Promise<Settled | undefined> {
  const { engine, message, at } = start
  const first = await lookedUpFirst(start)
  if (first?.patient && (engine.paused.get(message.via) ?? 0) > Date.parse(at)) return undefined
  const gone = first && (await goneBefore(start))
  if (gone) return gone
  const { outcome, reasons } = (await wayAround(engine, message)) ?? {}
  if (outcome?.send && outcome.via !== message.via && Date.parse(outcome.notBefore) <= Date.parse(at) + pauseMs) {
    const jobs = [againJob(engine, message.key, 'outage')]
    const said = `cancelled: outage: its provider is down; ${goesOn}`
    return record(start, said, { done: true }, { state: 'cancelled' }, [], jobs)
  }
  const why = reasons?.find(({ rule, verdict }) => rule === 'outage' && verdict === 'reject')?.detail
  if (!why || message.attempts.some((attempt) => attempt.outcome === `outage: ${why}`)) return undefined
  return record(start, `outage: ${why}`, { retryAt: instant(later), error: { code: 'unavailable', message: why } })
}
