import type { Adapters, Price, Prm } from '@prm/core'
import { plainText } from '@prm/kit'
import { addressOf } from './address.ts'
import { type Sum, spokenCost, sum } from './cost.ts'
import { columns } from './row.ts'
import type { Lint, Recipient, Template } from './types.ts'

interface Found {
  people: number
  readonly what: string
  readonly more: Sum
}

export interface Linter {
  look(line: Recipient): void
  /** With the columns that nobody asked for, and how many get the message. */
  found(unread: readonly string[], people: number): readonly Lint[]
}

type Host = {
  readonly prm: Prm<Adapters, string, string, string>
  readonly library: { readonly name: string; readonly locale: string }
}

/** What is better mended before it goes: what a character costs, who writes, how to stop, who reads another language. */
export function linter({ prm, library }: Host, templates: readonly Template[]): Linter {
  const all = new Map<string, Found>()
  const note = (what: string, more?: Price): void => {
    const one = all.get(what) ?? { people: 0, what, more: sum() }
    all.set(what, one)
    one.people++
    one.more.add(more)
  }
  const name = library.name.toLowerCase()
  // Where one is for all, whoever reads another language is meant by it.
  const written = templates.every(({ language }) => language !== undefined)
    ? new Set(templates.map(({ language = '' }) => baseOf(language)))
    : undefined
  return {
    look({ via, to, content, units, encoding, cost, person }) {
      const channel = prm.adapters[via]?.channel
      const reads = typeof person.locale === 'string' ? baseOf(person.locale) : undefined
      if (written && reads !== undefined && !written.has(reads))
        note(`no template is in ${languages.of(reads)} (${reads}): the one of another language goes`)
      if (channel?.medium !== 'sms') return
      if (!content.text.includes(library.name) && !content.text.toLowerCase().includes(name))
        note('no text says which library writes')
      if (!/\bSTOP\b/.test(content.text)) note('no word on how to stop: "Reply STOP to end"')
      for (const link of content.text.match(/https?:\/\/\S+/g) ?? [])
        if (link.length > longLink) note(`a link of more than ${longLink} characters`)
      if (encoding !== 'ucs2') return
      const plain = plainText(content.text)
      if (plain === content.text) return
      const better = channel.measure({ ...content, text: plain }, addressOf(to))
      if (better.units >= units) return
      const saved =
        cost && better.cost ? { micros: cost.micros - better.cost.micros, currency: cost.currency } : undefined
      note(`${namesOf(content.text)} turned ${better.units} part${better.units === 1 ? '' : 's'} into ${units}`, saved)
    },
    found: (unread, included) => [
      ...(unread.length > 0 ? [columnsLint(unread, included)] : []),
      ...[...all.values()]
        .sort((a, b) => b.people - a.people)
        .map(({ what, people, more }) => {
          const costs = more.costs()
          const price = costs.map((one) => `+${spokenCost(one)}`).join(', ')
          const whole = `${what} for ${people.toLocaleString('en')} ${people === 1 ? 'person' : 'people'}${price && `: ${price}`}`
          return { what: whole, people, ...(costs.length > 0 && { more: costs }) }
        }),
    ],
  }
}

function columnsLint(unread: readonly string[], people: number): Lint {
  const some = `${unread.slice(0, 20).join(', ')}${unread.length > 20 ? ', …' : ''}`
  return { what: `columns that nothing reads: ${some}; known are ${columns.join(', ')}`, people }
}

const longLink = 40

const languages = new Intl.DisplayNames('en', { type: 'language' })
const baseOf = (language: string): string => language.toLowerCase().split('-', 1)[0] as string

/** `one curly quote (U+2019)`, `3 characters (U+2019, U+2026)` */
function namesOf(text: string): string {
  const odd = [...text].filter((one) => plainText(one) !== one)
  const points = [...new Set(odd)].map((one) => `U+${one.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`)
  const all =
    odd.length === 1
      ? `one ${nameOf(odd[0] as string)}`
      : odd.every((one) => nameOf(one) === nameOf(odd[0] as string))
        ? `${odd.length} ${nameOf(odd[0] as string)}s`
        : `${odd.length} characters`
  return `${all} (${points.slice(0, 4).join(', ')}${points.length > 4 ? ', …' : ''})`
}

function nameOf(one: string): string {
  if ('‘’‚‛“”„‟'.includes(one)) return 'curly quote'
  if ('‐‑‒–—―−'.includes(one)) return 'dash'
  if (one === '…') return 'ellipsis'
  return /\s/.test(one) ? 'odd blank' : 'character'
}
