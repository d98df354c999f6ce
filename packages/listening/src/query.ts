import { PrmError } from '@prm/core'
import type { Pack } from './packs.ts'

export type Network = 'x' | 'bluesky' | 'mastodon' | 'alerts'

/**
 * What a network is asked for, from the same data that judges the answers. X: recent search, each at most 512 characters, with
 * its operators (docs.x.com, "Build a query"); Bluesky: `q` of searchPosts, which knows no OR, so that each name is a query;
 * Mastodon: tags without #; alerts: queries of Google Alerts. Throws `config` where a name alone is too long.
 */
export function queryFor(network: Network, pack: Pack): readonly string[] {
  return writers[network](pack)
}

const supports = ['library', 'librarian', 'libraries', 'study', 'books', 'printer', '"story time"']
const quoted = (text: string): string => {
  const bare = text.replace(/["“”*]/g, '').trim()
  return /^[\p{L}\p{N}]+$/u.test(bare) ? bare : `"${bare}"`
}

const writers: { readonly [N in Network]: (pack: Pack) => readonly string[] } = {
  x(pack) {
    const { names, nicknames = [], places = [], needs = [], accounts = [], around, exclude } = pack
    const tail = [...(exclude?.names ?? []), ...(exclude?.words ?? [])].map((one) => `-${quoted(one)}`)
    const here = [
      ...places.map(quoted),
      ...(around ? [`point_radius:[${around.longitude} ${around.latitude} ${Math.min(around.km, 40)}km]`] : []),
    ]
    return [
      ...packed([...names.map(quoted), ...accounts.map((one) => `@${one.replace(/^@/, '')}`)], '', [], 512),
      ...packed(nicknames.map(quoted), ` (${supports.join(' OR ')})`, tail, 512),
      ...(here.length > 0 ? packed(needs.map(quoted), ` (${here.slice(0, 6).join(' OR ')})`, tail, 512) : []),
    ]
  },
  bluesky: ({ names, nicknames = [], needs = [], places = [] }) => [
    ...names.map(quoted),
    ...nicknames.map((one) => `${quoted(one)} library`),
    ...places.slice(0, 2).flatMap((place) => needs.slice(0, 6).map((need) => `${quoted(need)} ${quoted(place)}`)),
  ],
  mastodon: ({ names, nicknames = [], places = [] }) => [
    ...new Set(
      [...names, ...nicknames.filter((one) => /\s/.test(one)), ...places]
        .map((one) => one.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase())
        .filter((tag) => tag.length > 2 && tag.length <= 30 && !/^\d+$/.test(tag)),
    ),
  ],
  alerts({ names, nicknames = [], exclude }) {
    const tail = (exclude?.names ?? []).map((one) => `-${quoted(one)}`)
    const words = (text: string): number => text.split(/\s+/).length
    const fits = (text: string): boolean => text.length <= 512 && words(text) <= 32
    return [
      ...packed(names.map(quoted), '', [], 512, fits),
      ...packed(nicknames.map(quoted), ' library', tail, 512, fits),
    ]
  },
}

/** As many terms as fit in one query, joined by OR, then what follows, then as many exclusions as there is room for. */
function packed(
  terms: readonly string[],
  follows: string,
  tail: readonly string[],
  most: number,
  fits: (text: string) => boolean = (text) => text.length <= most,
): readonly string[] {
  const write = (some: readonly string[]): string => `${some.length > 1 ? `(${some.join(' OR ')})` : some[0]}${follows}`
  const queries: string[][] = []
  for (const term of terms) {
    if (!fits(write([term])))
      throw new PrmError('config', `packs: “${term}” is too long for one query.`, { field: 'names' })
    const last = queries.at(-1)
    // Room for exclusions is worth a query more.
    if (last && fits(write([...last, term])) && write([...last, term]).length <= most * 0.7) last.push(term)
    else queries.push([term])
  }
  return queries.map((some) => tail.reduce((all, one) => (fits(`${all} ${one}`) ? `${all} ${one}` : all), write(some)))
}
