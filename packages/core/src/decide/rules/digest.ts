import { type DecisionRule, pass } from '../rule.ts'

/** Several sends with one digest key go as one message. */
export const digest: DecisionRule<'patron'> = {
  name: 'digest',
  stage: 'patron',
  verdicts: ['pass'],
  judge: ({ own }) => (own.digest && own.digest > 1 ? pass(`${own.digest} are in one message.`) : undefined),
}
