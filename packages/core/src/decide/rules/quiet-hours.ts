import type { DecisionRule } from '../rule.ts'
import { judgeWindow } from './window.ts'

/** No message goes out in the quiet hours of the library, the branch or the patron. */
export const quietHours: DecisionRule<'time'> = {
  name: 'quiet',
  stage: 'time',
  verdicts: ['defer', 'reject'],
  option: 'library.quietHours',
  judge: (of) =>
    judgeWindow(of, 'quiet', {
      waits: 'Quiet hours',
      never: 'The quiet hours of library, branch and patron leave no time of day.',
    }),
}
