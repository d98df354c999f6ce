import { type DecisionRule, reject } from '../rule.ts'

/** Some channel must carry the medium. */
export const channelForMedium: DecisionRule<'medium'> = {
  name: 'channel',
  stage: 'medium',
  verdicts: ['reject'],
  option: 'adapters',
  judge: ({ medium, channels }) => (channels.length === 0 ? reject(`No ${medium} channel is configured.`) : undefined),
}
