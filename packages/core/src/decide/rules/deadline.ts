import { spoken } from '../../time/index.ts'
import { type DecisionRule, reject } from '../rule.ts'

/** What cannot go before it expires is not sent. */
export const deadline: DecisionRule<'time'> = {
  name: 'deadline',
  stage: 'time',
  verdicts: ['reject'],
  judge: ({ end, at, start, zone }) =>
    end === undefined || at < end
      ? undefined
      : reject(`Expires ${spoken(end - 1, zone)}, before the earliest send time (${spoken(at, zone)}).`, {
          ...(start < end && { obstacle: 'deadline' }),
        }),
}
