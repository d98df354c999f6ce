import { type DecisionRule, reject } from '../rule.ts'

/** The message's template must exist and render for this channel. */
export const template: DecisionRule<'address'> = {
  name: 'template',
  stage: 'address',
  verdicts: ['reject'],
  option: 'templates',
  judge: ({ draft, channel }) =>
    draft && 'refused' in draft && draft.refused === 'template' ? reject(draft.detail, { via: channel.id }) : undefined,
}
