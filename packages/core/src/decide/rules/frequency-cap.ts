import type { DecisionRule } from '../rule.ts'
import { judgeWindow } from './window.ts'

/** A patron gets no more messages in a period than the purpose and the library allow. */
export const frequencyCap: DecisionRule<'time'> = {
  name: 'cap',
  stage: 'time',
  verdicts: ['defer', 'reject'],
  option: 'library.frequencyCap',
  judge: (of) =>
    judgeWindow(of, 'cap', { waits: 'Frequency cap', never: 'The frequency caps leave no available send time.' }),
}
