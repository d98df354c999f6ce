import type { Said } from './quotes.ts'

/** Without the earlier versions of posts, and without all versions of those that are gone. A post is known by its id and its link. */
export function standing(rows: readonly Said[]): readonly Said[] {
  const links = new Map<string, string>()
  for (const { post } of rows) if (post?.link !== undefined) links.set(post.id, post.link)
  const last = new Map<string, Said>()
  for (const one of rows) {
    if (!one.post) continue
    const name = links.get(one.post.id) ?? one.post.id
    const there = last.get(name)
    if (!there || later(one, there)) last.set(name, one)
  }
  const stand = new Set(last.values())
  return rows.filter((one) => !one.post || (stand.has(one) && one.post.as !== 'gone'))
}

const order = ['said', 'edited', 'gone'] as const

function later({ post: a }: Said, { post: b }: Said): boolean {
  const ahead = timeOf(a) - timeOf(b)
  return ahead === 0 ? order.indexOf(a?.as ?? 'said') > order.indexOf(b?.as ?? 'said') : ahead > 0
}
const timeOf = (post: Said['post']): number => (post?.told === undefined ? 0 : Date.parse(post.told))
