// In: a send and the addresses of its recipient. Out: its text for each channel and address, measured.
import {
  type Address,
  type Channel,
  type Content,
  type Draft,
  dialable,
  type Interaction,
  type Notice,
  type Own,
  type Patron,
  type Via,
} from '../contract/index.ts'
import { channelsOf, preferredMedia } from '../decide/index.ts'
import { type Engine, measured } from '../runtime/index.ts'
import type { Asked } from './request.ts'
import { glanced, names, render } from './template.ts'

/** What the text comes to on every channel and address in question. */
export function draftsOf(
  engine: Engine,
  sends: readonly [Asked, ...Asked[]],
  known: Pick<Own, 'asked' | 'purpose' | 'adapters' | 'patron' | 'recipient' | 'branch' | 'after'>,
  addresses: readonly Address[],
  notices: readonly Interaction<'notice', Notice>[],
  patron: Patron | undefined,
  whose: Patron | undefined,
): readonly (Draft & { readonly content?: Content })[] {
  const { library, purposes, adapters } = engine.options
  const purpose = purposes[known.purpose]
  if (!purpose) return []
  const { media, rest } = preferredMedia(engine.shared, known, purpose)
  const locale = patron?.locale ?? notices.find((one) => one.data.language)?.data.language ?? library.locale
  return channelsOf(engine.shared, known)
    .filter(({ medium }) => media.includes(medium) || rest.includes(medium))
    .flatMap((channel) => {
      const to = addresses.filter((address) => channel.schemes.includes(address.scheme) && dialable(address))
      const facet = adapters[channel.id]?.channel
      if (to.length === 0 || !facet) return []
      const via = viaOf(engine, channel.id, facet, locale, patron, whose)
      const content = contentOf(engine, sends, via, notices)
      return to.map((address) =>
        'refused' in content
          ? { via: via.id, to: address, ...content }
          : { via: via.id, to: address, measure: measured(facet, content, address), content },
      )
    })
}

export function viaOf(
  engine: Pick<Engine, 'options'>,
  id: string,
  { medium, exposure }: Channel,
  locale: string,
  patron?: Patron,
  whose?: Patron,
): Via {
  const titles = (exposure === 'private' && !whose) || engine.options.library.showTitles === 'everywhere'
  return { id, medium, exposure, locale, showTitles: titles, ...(patron && { patron }), ...(whose && { whose }) }
}

function contentOf(
  engine: Engine,
  sends: readonly [Asked, ...Asked[]],
  via: Via,
  notices: readonly Interaction<'notice', Notice>[],
): Content | { refused: 'template' | 'exposure'; detail: string } {
  const [{ content, digest }] = sends
  if ('template' in content) {
    const template = engine.options.templates?.[content.template]
    if (!template) return { refused: 'template', detail: `There is no template "${content.template}".` }
    const data = sends.map((one) => ('template' in one.content ? one.content.data : null))
    return render(content.template, template, digest === undefined ? data[0] : data, via)
  }
  const titles = notices.flatMap(({ data }) => data.items.flatMap((item) => item.title ?? []))
  if (engine.options.library.showTitles !== 'everywhere' && names(glanced(content, via), titles))
    return { refused: 'exposure', detail: 'It names a title where others may see it.' }
  return content
}
