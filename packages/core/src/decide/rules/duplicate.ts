import { type DecisionRule, reject } from '../rule.ts'

/** What another source already had sent about the same hold or loan is not sent again. */
export const duplicate: DecisionRule<'patron'> = {
  name: 'duplicate',
  stage: 'patron',
  verdicts: ['reject'],
  judge: ({ own }) =>
    own.earlier && reject('Already sent: another source gave a notice about the same item.', { ref: own.earlier }),
}
