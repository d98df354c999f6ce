import { type DecisionRule, pass } from '../rule.ts'

/** Says that this message goes around a provider that is down. */
export const outage: DecisionRule<'patron'> = {
  name: 'outage',
  stage: 'patron',
  verdicts: ['pass'],
  option: 'purposes.*.failover',
  judge: ({ own }) =>
    own.after?.why === 'outage'
      ? pass('Its provider is down and the message is urgent: trying another provider of the same medium.')
      : undefined,
}
