import {
  type Adapter,
  createPrm,
  type Feed,
  type Library,
  type Notice,
  notice,
  type Options,
  type Prm,
  type Purpose,
  type Store,
  type Template,
} from '@prm/core'
import type { Twilio } from '@prm/twilio'

export type Adapters = { readonly notices: Adapter & { readonly feed: Feed }; readonly sms: Twilio }
export type Host = Prm<Adapters, keyof typeof purposes, 'notice'>

const service: Purpose = { basis: 'service', class: 'service' }
const purposes: { readonly [P in 'pickup' | 'loan' | 'account' | 'suspended' | 'hold-soon']: Purpose | false } = {
  pickup: service,
  loan: service,
  account: service,
  suspended: false, // not written about: decided against, and listed
  'hold-soon': false,
}

function purposeOf(kind: Notice['kind']): keyof typeof purposes {
  if (kind === 'suspended' || kind === 'hold-soon') return kind
  return kind.startsWith('hold') ? 'pickup' : kind === 'fine' ? 'account' : 'loan'
}

interface Made {
  readonly library: Library
  readonly adapters: Adapters
}

/** Purposes and words of a library that texts its notices. */
export function optionsOf<O extends Made>(options: O): O & Rules {
  return { ...options, purposes, templates: { notice: wording(options.library) } }
}
type Rules = { readonly purposes: typeof purposes; readonly templates: { readonly notice: Template } }

/** A library's notices become messages: one flow, one template, and the rest is decided by core. */
export function hostOf(
  options: Made & {
    readonly store: Store
    readonly now?: () => Date
    readonly publicUrl?: string
    readonly allowlist?: readonly string[]
    readonly log?: NonNullable<Options<Adapters, string, string>['log']>
  },
): Host {
  const prm = createPrm(optionsOf(options))
  flows(prm)
  return prm
}

export function flows(prm: Host): void {
  prm.flow('tell', notice, async ({ event, prm }) => {
    if (!event.who) return
    const { kind, items, pickup = '' } = event.data
    const last = kind === 'hold-ready' ? items[0]?.collectBy : kind === 'due-soon' ? items[0]?.due : undefined
    await prm.send({
      to: event.who,
      purpose: purposeOf(kind),
      content: { template: 'notice', data: event.data },
      key: keyOf(event.source, event.key),
      about: [{ source: event.source, key: event.key }],
      digest: `${kind} ${pickup}`,
      ...(last && { expireAt: last }),
    })
  })
}

/** The name of a notice's message for ever. */
export function keyOf(source: string, key: string): string {
  return `notice ${source} ${key}`
}

/** What the text says: how many, where, until when, and how to stop; titles only where the library opened them. */
function wording(library: Library): Template {
  return (data, via) => {
    const notices = data as readonly [Notice, ...Notice[]]
    const [{ kind, pickup: place = '' }] = notices
    // Shoutbomb files name the branch by its number in the ILS, which tells a patron nothing.
    const pickup = /^\d*$/.test(place) ? undefined : place
    const items = notices.flatMap((one) => one.items)
    const days = items.flatMap((item) => item.collectBy ?? item.due ?? []).sort()
    const titles = via.showTitles ? items.flatMap((item) => item.title ?? []).join('; ') : ''
    const day = days[0] && dayIn(via.locale).format(Date.parse(days[0].slice(0, 10)))
    const words = via.locale.startsWith('es') ? spanish : english
    const text = words(kind, items.length, { ...(pickup && { pickup }), ...(day && { day }) })
    return {
      text: `${library.name}: ${text}${titles ? ` ${titles}.` : ''} ${via.locale.startsWith('es') ? 'STOP para no recibir mas.' : 'Reply STOP to opt out.'}`,
    }
  }
}

/** A formatter costs much more than what it formats. */
const formats = { es: dayFormat('es'), en: dayFormat('en') }
function dayIn(locale: string): Intl.DateTimeFormat {
  return locale.startsWith('es') ? formats.es : formats.en
}
function dayFormat(locale: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' })
}

type Words = (kind: Notice['kind'], count: number, about: { readonly pickup?: string; readonly day?: string }) => string

const english: Words = (kind, count, { pickup, day }) => {
  const [item, is] = count === 1 ? ['item', 'is'] : ['items', 'are']
  const where = pickup ? ` at ${pickup}` : ''
  if (kind === 'hold-ready')
    return `${count} ${count === 1 ? 'hold is' : 'holds are'} ready${where}${day ? `, until ${day}` : ''}.`
  if (kind === 'hold-cancelled') return `${count} ${count === 1 ? 'hold was' : 'holds were'} cancelled.`
  if (kind === 'due-soon') return `${count} ${item} ${is} due${day ? ` on ${day}` : ' soon'}.`
  if (kind === 'overdue') return `${count} ${item} ${is} overdue${day ? ` since ${day}` : ''}.`
  if (kind === 'fine') return 'there is a charge on your card.'
  return `there is news about ${count} ${item}.`
}

const spanish: Words = (kind, count, { pickup, day }) => {
  const articles = count === 1 ? 'un articulo' : `${count} articulos`
  if (kind === 'hold-ready')
    return `${count === 1 ? 'su reserva esta lista' : `${count} reservas listas`}${pickup ? ` en ${pickup}` : ''}${day ? `, hasta ${day}` : ''}.`
  if (kind === 'hold-cancelled') return `${count === 1 ? 'se cancelo una reserva' : `se cancelaron ${count} reservas`}.`
  if (kind === 'due-soon') return `${articles} por vencer${day ? ` el ${day}` : ''}.`
  if (kind === 'overdue') return `${articles} con retraso${day ? ` desde ${day}` : ''}.`
  if (kind === 'fine') return 'hay un cargo en su cuenta.'
  return `hay noticias de ${articles}.`
}
