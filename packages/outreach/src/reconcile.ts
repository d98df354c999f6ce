import type { Message } from '@prm/core'
import { checked } from './approve.ts'
import { meter } from './clock.ts'
import { sum } from './cost.ts'
import { clockOf } from './host.ts'
import { fates, type Sending } from './run.ts'
import type { OnProgress, Recipient, Reconciliation } from './types.ts'

/** How many messages the provider is asked for at once. */
const atOnce = 10
const mostDifferences = 1_000

/** Asks the provider for each message that it took, and adds up what it charges. */
export async function reconcile(
  host: Sending,
  file: string,
  { signal, onProgress }: { readonly signal?: AbortSignal; readonly onProgress?: OnProgress },
): Promise<Reconciliation> {
  const plan = await checked(file, signal)
  const progress = meter('reconcile', onProgress, clockOf(host))
  const total = plan.footer.summary.included
  const [sent, bill] = [sum(), sum()]
  const differences: { readonly key: string; readonly why: string }[] = []
  const one = async (line: Recipient, message: Message): Promise<void> => {
    const channel = host.prm.adapters[message.via]?.channel
    if (!channel?.lookup || message.providerId === undefined) return
    sent.add(line.cost)
    const why = await difference(host, line, message, bill, signal)
    if (why && differences.length < mostDifferences) differences.push({ key: message.key, why })
  }
  let done = 0
  let some: Promise<void>[] = []
  for await (const { line, message } of fates({ ...host, file, plan }, signal)) {
    progress.at(++done, total)
    if (!message || !took(message)) continue
    some.push(one(line, message))
    if (some.length < atOnce) continue
    await Promise.all(some)
    some = []
  }
  await Promise.all(some)
  progress.end(done, total)
  const equal = differences.length === 0 && JSON.stringify(sent.costs()) === JSON.stringify(bill.costs())
  return { planned: plan.footer.summary.cost, sent: sent.costs(), bill: bill.costs(), equal, differences }
}

function took({ providerId, state }: Message): boolean {
  return providerId !== undefined && state !== 'planned' && state !== 'rejected'
}

async function difference(
  { prm }: Sending,
  line: Recipient,
  { key, to, via, providerId, content, attempts, notBefore }: Message,
  bill: ReturnType<typeof sum>,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const moments = attempts.map(({ at }) => at)
  const [from = notBefore, until = notBefore] = [moments[0], moments.at(-1)]
  const sought = { key, id: providerId as string, to, from, until, content, excludeProviderIds: [] }
  const found = await prm.adapters[via]?.channel?.lookup?.(sought, prm.context(via, signal))
  if (found === undefined || found === 'absent' || found === 'unsure') return 'the provider does not know it'
  const { cost, units } = found
  bill.add(cost)
  if (!cost) return line.cost ? 'the provider has not priced it yet' : undefined
  if (units !== undefined && units !== line.units) return `${units} parts instead of ${line.units}`
  if (!line.cost) return 'it was planned without a price'
  if (cost.micros !== line.cost.micros || cost.currency !== line.cost.currency)
    return `charged ${cost.micros} instead of ${line.cost.micros} millionths of ${cost.currency}`
  return undefined
}
