import { spoken } from '../../time/index.ts'
import { type DecisionRule, defer, reject } from '../rule.ts'

/** A sender sends no faster than its rate: each message has a slot in the sender's schedule. */
export const rate: DecisionRule<'time'> = {
  name: 'rate',
  stage: 'time',
  verdicts: ['defer', 'reject'],
  judge: ({ slot, way, at, opens, zone }) => {
    if (slot === null) return reject("It exceeds the sender's daily limit.", { via: way.via })
    return at > opens ? defer(`The sender is busy: it waits until ${spoken(at, zone)}.`) : undefined
  },
}
