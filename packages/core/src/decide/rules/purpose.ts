import { type DecisionRule, pass, reject } from '../rule.ts'

/** The purpose must be one of the library's. */
export const purpose: DecisionRule<'patron'> = {
  name: 'purpose',
  stage: 'patron',
  verdicts: ['pass', 'reject'],
  option: 'purposes',
  judge: ({ shared, own, purpose }) =>
    shared.purposes[own.purpose]
      ? pass(`${own.purpose}: a ${purpose.class} message.`)
      : reject(`This library has no purpose "${own.purpose}".`),
}
