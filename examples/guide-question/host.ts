import { createPrm, type Library, type Prm, questionAsked, type Store } from '@prm/core'
import type { LibAnswers } from '@prm/libanswers'
import type { LibGuides } from '@prm/libguides'
import { askForm, source } from './form.ts'

type Parts = { readonly guides: LibGuides; readonly answers: LibAnswers }

export type Guides = Prm<Parts, 'ask'>

/** What is asked on a page of a guide becomes a ticket that says which page, and how it read. */
export function hostOf(options: {
  readonly library: Library
  readonly adapters: Parts
  readonly store: Store
  readonly publicUrl: string
  /** Where the guides are. */
  readonly site: string
  readonly now?: () => Date
}): Guides {
  const { site, ...rest } = options
  const { guides } = options.adapters
  const prm: Guides = createPrm({
    ...rest,
    purposes: { ask: { basis: 'service', class: 'service', quietHours: 'ignore' } },
    pages: { ask: askForm({ site, page: (url, { signal }) => guides.ops.page(url, prm.context('guides', signal)) }) },
  })
  prm.flow('ticket', questionAsked, async ({ event, prm }) => {
    const { text = '', other = {} } = event.data
    if (event.source !== source || !event.who) return
    const { url = '', id, version } = event.page ?? {}
    const asked = [
      `Asked on: ${other['Page title'] ?? id}`,
      url,
      version === undefined ? 'How it read then is not known.' : `As it read then: version ${version}`,
    ]
    await prm.send({
      to: { scheme: 'ticket', value: event.who.value },
      adapters: ['answers'],
      purpose: 'ask',
      key: `ticket ${event.key}`,
      about: [event],
      content: { text: [text, '', ...asked].join('\n') },
    })
  })
  return prm
}
