import { dialable } from '../../contract/index.ts'
import { type DecisionRule, reject } from '../rule.ts'

/** A phone number must be one that can exist. */
export const addressValid: DecisionRule<'address'> = {
  name: 'address',
  stage: 'address',
  verdicts: ['reject'],
  judge: ({ to, channel }) => {
    if (dialable(to)) return undefined
    // All its digits may be there, written as somebody would dial them: core knows no country's plan.
    const dialed = /^[\d\s().-]+$/.test(to.value) && to.value.replace(/\D/g, '').length >= 10
    const detail = dialed ? 'The phone number is not in E.164 format, such as +12125550142.' : 'Invalid phone number.'
    return reject(detail, { via: channel.id })
  },
}
