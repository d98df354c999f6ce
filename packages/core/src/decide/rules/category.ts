import { categoryExcluded } from '../excluded.ts'
import { type DecisionRule, reject } from '../rule.ts'

/** A purpose may leave out categories of patrons. */
export const category: DecisionRule<'patron'> = {
  name: 'category',
  stage: 'patron',
  verdicts: ['reject'],
  option: 'purposes.*.exclude.categories',
  judge: ({ shared, own }) => {
    const excluded = categoryExcluded(shared, own)
    return excluded === undefined ? undefined : reject(excluded)
  },
}
