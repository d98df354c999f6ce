import { cardExcluded } from '../excluded.ts'
import { type DecisionRule, reject } from '../rule.ts'

/** A purpose may leave out patrons whose card is blocked or has expired. */
export const block: DecisionRule<'patron'> = {
  name: 'block',
  stage: 'patron',
  verdicts: ['reject'],
  option: 'purposes.*.exclude.blocks',
  judge: ({ shared, own }) => {
    const excluded = cardExcluded(shared, own)
    return excluded === undefined ? undefined : reject(excluded)
  },
}
