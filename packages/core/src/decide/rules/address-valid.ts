import { dialable } from '../../contract/address.ts'
import { type DecisionRule, reject } from '../rule.ts'

/** A phone number must be one that can exist. */
export const addressValid: DecisionRule<'address'> = {
  name: 'address',
  stage: 'address',
  verdicts: ['reject'],
  judge: ({ to, channel }) => (dialable(to) ? undefined : reject('Invalid phone number.', { via: channel.id })),
}
