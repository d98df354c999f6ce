import { type DecisionRule, reject } from '../rule.ts'

/** What others may see, such as a text on a locked phone, must not name a title unless the library allows it. */
export const exposure: DecisionRule<'address'> = {
  name: 'exposure',
  stage: 'address',
  verdicts: ['reject'],
  option: 'library.showTitles',
  judge: ({ draft, channel }) =>
    draft && 'refused' in draft && draft.refused === 'exposure' ? reject(draft.detail, { via: channel.id }) : undefined,
}
