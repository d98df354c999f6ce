import type { Price, Purpose } from '../../contract/index.ts'
import { localDay } from '../../time/index.ts'
import { type DecisionRule, reject } from '../rule.ts'

/** What goes around an outage may cost no more in a day than the purpose allows. */
export const outageBudget: DecisionRule<'time'> = {
  name: 'outage',
  stage: 'time',
  verdicts: ['reject'],
  option: 'purposes.*.failover.perDay',
  judge: ({ own, library, purpose, way, at }) => {
    const outage = own.after?.outage
    if (!outage || way.via === outage.of) return undefined
    const problem = budgetProblem(purpose, way.cost, own.spent?.[localDay(at, library.timeZone)])
    return problem === undefined ? undefined : reject(problem, { via: way.via })
  },
}

function budgetProblem({ failover }: Purpose, cost: Price | undefined, spent = 0): string | undefined {
  if (!failover) return 'Its purpose has no budget for other providers.'
  const { micros, currency } = failover.perDay
  if (!cost) return 'No price is configured for the other provider, so no budget can hold.'
  if (cost.currency !== currency)
    return `The other provider charges ${cost.currency}, and the budget is in ${currency}.`
  return spent + cost.micros > micros ? "The day's budget for other providers is used up." : undefined
}
