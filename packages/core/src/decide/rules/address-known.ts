import { spokenScheme } from '../consent.ts'
import { type DecisionRule, reject } from '../rule.ts'

/** The recipient must have an address of a kind that the channel takes. */
export const addressKnown: DecisionRule<'channel'> = {
  name: 'address',
  stage: 'channel',
  verdicts: ['reject'],
  judge: ({ channel, addresses }) =>
    addresses.length === 0
      ? reject(`No ${channel.schemes.map(spokenScheme).join(' or ')} is known.`, { via: channel.id })
      : undefined,
}
