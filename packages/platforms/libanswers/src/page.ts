import type { PageRef } from '@prm/core/adapter'

/** What names a page in a query; all else may be a search, a session or a patron. */
const naming: ReadonlySet<string> = new Set(['g', 'p', 'id'])

/** The page of a URL, without what somebody searched for there and who they are. Nothing where it is none. */
export function pageAt(written: string): PageRef | undefined {
  if (!/^https?:/i.test(written) || !URL.canParse(written)) return undefined
  const url = new URL(written)
  url.hash = ''
  url.username = ''
  url.password = ''
  const named = url.pathname.endsWith('.php')
    ? [...url.searchParams].filter(([name, value]) => naming.has(name) && /^\d+$/.test(value))
    : []
  url.search = new URLSearchParams(named).toString()
  return { system: 'web', id: `${url.host}${url.pathname}${url.search}`, url: url.href }
}
