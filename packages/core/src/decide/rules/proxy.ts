import { type DecisionRule, pass } from '../rule.ts'

/** A patron without an address is written to at the address of whoever acts for them. */
export const proxy: DecisionRule<'patron'> = {
  name: 'proxy',
  stage: 'patron',
  verdicts: ['pass'],
  judge: ({ own }) =>
    own.recipient?.as === 'proxy' ? pass('The patron has no address: sent to their proxy.') : undefined,
}
