import type { DecisionRule } from '../rule.ts'
import { judgeWindow } from './window.ts'

/** A purpose may send only while the branch is open. */
export const openingHours: DecisionRule<'time'> = {
  name: 'hours',
  stage: 'time',
  verdicts: ['defer', 'reject'],
  option: 'purposes.*.onlyWhileOpen',
  judge: (of) =>
    judgeWindow(of, 'hours', { waits: 'Closed', never: 'Opening hours and quiet hours leave no time within a year.' }),
}
