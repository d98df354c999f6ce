import type { After } from '../../contract/index.ts'
import { type DecisionRule, pass } from '../rule.ts'

/** Says why this message replaces an earlier one. */
export const fallback: DecisionRule<'patron'> = {
  name: 'fallback',
  stage: 'patron',
  verdicts: ['pass'],
  option: 'purposes.*.fallback',
  judge: ({ own }) => (own.after && own.after.why !== 'outage' ? pass(fallbackDetail[own.after.why]) : undefined),
}

export const fallbackDetail: { readonly [R in Exclude<After, 'outage'>]: string } = {
  'no-address': 'No address for this medium is known: trying another medium.',
  undeliverable: 'The address is undeliverable: trying another medium.',
  deadline: 'It could not be sent in time: trying another medium.',
  relevance: 'Part of the earlier message is no longer true: sending the rest.',
}
