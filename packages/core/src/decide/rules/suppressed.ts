import { type DecisionRule, reject } from '../rule.ts'

/** Nothing goes to an address that asked to stop, complained or bounced. */
export const suppressed: DecisionRule<'address'> = {
  name: 'suppressed',
  stage: 'address',
  verdicts: ['reject'],
  judge: ({ refusal, channel }) => {
    if (refusal?.rule !== 'suppressed') return undefined
    return reject(refusal.detail, { via: channel.id, obstacle: refusal.bad ? 'undeliverable' : 'refused' })
  },
}
