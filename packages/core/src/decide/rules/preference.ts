import { type DecisionRule, pass } from '../rule.ts'

/** Says whose wish chose the media: the notice's, the patron's or the purpose's. */
export const preference: DecisionRule<'patron'> = {
  name: 'preference',
  stage: 'patron',
  verdicts: ['pass'],
  option: 'purposes.*.mediaPriority',
  judge: ({ preferred }) => pass(preferred.detail),
}
