import { type DecisionRule, reject } from '../rule.ts'

/** While a host tries things out, only the addresses on its allowlist get messages. */
export const allowlist: DecisionRule<'address'> = {
  name: 'only',
  stage: 'address',
  verdicts: ['reject'],
  option: 'allowlist',
  judge: ({ own, to, channel }) =>
    own.allowlist && !own.allowlist.includes(to.value)
      ? reject('Held back: this address is not on the allowlist.', { via: channel.id })
      : undefined,
}
