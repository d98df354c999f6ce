// The links of the built site: takes its folder, and gives each link or anchor that leads nowhere, with the page it is on.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { Parser } from 'htmlparser2'
import { repository } from '../../docs/.vitepress/links.ts'
import { root } from '../check/packages.ts'

interface Page {
  readonly ids: ReadonlySet<string>
  readonly links: readonly string[]
}

export function* brokenLinks(site: string): Generator<string> {
  const pages = new Map(
    globSync('**/*.html', { cwd: site }).map((file) => [
      file.replaceAll('\\', '/'),
      pageOf(readFileSync(join(site, file), 'utf8')),
    ]),
  )
  for (const [file, { links }] of pages)
    for (const link of new Set(links)) {
      const reason = faultOf(link, file, pages, site)
      if (reason) yield `${file}: ${link}: ${reason}`
    }
}

function faultOf(link: string, from: string, pages: ReadonlyMap<string, Page>, site: string): string | undefined {
  if (link.startsWith(repository)) {
    const [path = ''] = link.slice(repository.length).split('#')
    return existsSync(join(root, decodeURI(path))) ? undefined : 'no such file in the repository'
  }
  if (/^[a-z]+:/.test(link)) return undefined
  const [path = '', hash] = link.split('#')
  const target = path === '' ? from : path.startsWith('/') ? path.slice(1) : normalize(join(dirname(from), path))
  const file = target === '' || target.endsWith('/') ? `${target}index.html` : target
  const page = pages.get(decodeURI(file))
  if (!page) return existsSync(join(site, decodeURI(file))) ? undefined : 'no such page'
  if (!hash || page.ids.has(decodeURIComponent(hash))) return undefined
  // typedoc numbers a name of which there are two, also where its page has one of them: that link ends at the top of the page.
  return from.startsWith('reference/api/') && page.ids.has(hash.replace(/-\d+$/, '')) ? undefined : 'no such anchor'
}

function pageOf(html: string): Page {
  const ids = new Set<string>()
  const links: string[] = []
  const parser = new Parser({
    onopentag: (name, { id, href, src }) => {
      if (id) ids.add(id)
      if (name === 'a' && href) links.push(href)
      if (name === 'img' && src) links.push(src)
    },
  })
  parser.end(html)
  return { ids, links }
}
