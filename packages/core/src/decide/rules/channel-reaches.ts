import { type DecisionRule, reject } from '../rule.ts'

/** The channel itself must be able to reach the address. */
export const channelReaches: DecisionRule<'address'> = {
  name: 'channel',
  stage: 'address',
  verdicts: ['reject'],
  judge: ({ draft, channel }) => {
    const unfit = draft && 'measure' in draft ? draft.measure.unreachable : undefined
    return unfit
      ? reject(`This channel cannot reach it: ${unfit}.`, { via: channel.id, obstacle: 'undeliverable' })
      : undefined
  },
}
