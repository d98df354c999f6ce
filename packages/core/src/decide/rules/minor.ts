import { aboutMinor } from '../recipient.ts'
import { type DecisionRule, pass, reject } from '../rule.ts'

/** A message about a minor goes to the minor, to a guardian or to nobody, as the purpose says. */
export const minor: DecisionRule<'patron'> = {
  name: 'minor',
  stage: 'patron',
  verdicts: ['pass', 'reject'],
  option: 'purposes.*.minor',
  judge: ({ shared, own }) => {
    if (own.recipient) return own.recipient.as === 'guardian' ? pass('A minor: sent to their guardian.') : undefined
    const goesTo = aboutMinor(shared, own)
    if (goesTo === 'patron') return undefined
    return reject(
      goesTo === 'nobody' ? 'Minors do not get messages of this purpose.' : 'A minor without a guardian to write to.',
    )
  },
}
