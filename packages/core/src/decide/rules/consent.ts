import { type DecisionRule, pass, reject } from '../rule.ts'

/** A service message goes unless its recipient refused; any other goes only to an address that agreed. */
export const consent: DecisionRule<'address'> = {
  name: 'consent',
  stage: 'address',
  verdicts: ['pass', 'reject'],
  option: 'purposes.*.basis',
  judge: ({ refusal, purpose, channel }) => {
    const via = channel.id
    if (refusal?.rule === 'consent') return reject(refusal.detail, { via, obstacle: 'refused' })
    return purpose.basis === 'consent'
      ? pass('The patron agreed.', { via })
      : pass('Service message; the patron has not opted out.', { via })
  },
}
