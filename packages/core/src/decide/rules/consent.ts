import { refusalOf } from '../consent.ts'
import { type DecisionRule, pass, reject } from '../rule.ts'

/** A service message goes unless its recipient refused; any other goes only to an address that agreed. */
export const consent: DecisionRule<'address'> = {
  name: 'consent',
  stage: 'address',
  verdicts: ['pass', 'reject'],
  option: 'purposes.*.basis',
  judge: ({ own, to, purpose, library, channel }) => {
    const via = channel.id
    const refusal = refusalOf(own, to, purpose, library)
    if (refusal?.rule === 'consent') return reject(refusal.detail, { via, obstacle: 'refused' })
    return purpose.basis === 'consent'
      ? pass('The patron agreed.', { via })
      : pass('Service message; the patron has not opted out.', { via })
  },
}
