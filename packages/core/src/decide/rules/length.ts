import { type DecisionRule, pass, reject } from '../rule.ts'

/** The text must fit into what the channel takes. */
export const length: DecisionRule<'address'> = {
  name: 'length',
  stage: 'address',
  verdicts: ['pass', 'reject'],
  judge: ({ draft, channel: { id: via } }) => {
    if (!draft || !('measure' in draft)) return undefined
    const { tooLong, units, unit, encoding } = draft.measure
    if (tooLong) return reject(`The text is too long: ${units} ${unit}s.`, { via })
    return pass(`${units} ${unit}${units === 1 ? '' : 's'}${encoding ? `, ${encoding}` : ''}.`, { via })
  },
}
