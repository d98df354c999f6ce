import { asWords, bareWords, unaccented } from '@prm/kit/optout'

/** Whether a text is no more than a yes, in any of the languages. What says more is for a person: "yes, but not at night". */
export function isYes(text: string): boolean {
  return answers.has(asWords(text)) || answers.has(unaccented(asWords(text))) || answers.has(bareWords(text))
}

/** Only this one is the providers' START. */
export function isPlainYes(text: string): boolean {
  return bareWords(text) === 'yes'
}

const answers = new Set([
  ...['y', 'yes', 'yep', 'yeah', 'yup', 'yes yes', 'i do', 'confirm'], // en
  ...['si', 'si si', 'claro', 'confirmo'], // es
  ...['oui', 'ouais', 'je confirme'], // fr
  ...['ja', 'jawohl'], // de
  ...['是', '是的', '对', '對', '好', '好的', '确认', '確認'], // zh
  ...['có', 'dạ có', 'vâng', 'dạ vâng', 'dạ', 'đồng ý', 'dong y'], // vi; "co" and "da" are other words too
])
