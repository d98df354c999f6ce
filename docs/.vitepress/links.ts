// Markdown as it reads in the repository: takes its links and braces, and gives them as they work on the site.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { MarkdownOptions } from 'vitepress'

/** VitePress's Markdown reader. */
export type Markdown = Parameters<NonNullable<MarkdownOptions['config']>>[0]

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Where a file of the repository is read that has no page on the site. */
export const repository = 'https://example.invalid/prm/blob/main/'

/** Makes each link to a package's README a link to its page, and each to another file a link into the repository. */
export function siteLinks(md: Markdown): void {
  const render = md.renderer.rules.link_open
  md.renderer.rules.link_open = (tokens, index, options, env, self) => {
    const token = tokens[index]
    const href = token?.attrGet('href')
    if (token && href) token.attrSet('href', siteLink(href, env.relativePath, env.frontmatter?.source))
    return render ? render(tokens, index, options, env, self) : self.renderToken(tokens, index, options)
  }
}

/** A link of the page `page`, which was made of the file `source` of the repository or is a file of docs/. */
function siteLink(href: string, page: string, source: string = `docs/${page}`): string {
  if (/^([a-z]+:|#|\/)/.test(href)) return href
  const [path = '', hash] = href.split('#')
  const file = join(dirname(source), decodeURI(path)).replace(/\/$/, '')
  const anchor = hash ? `#${hash}` : ''
  const target = isPublished(file) ? `docs/packages/${pageOf(file)}.md` : file
  if (target.startsWith('docs/') && target.endsWith('.md')) {
    const to = relative(dirname(`docs/${page}`), target)
    return `${to.startsWith('.') ? to : `./${to}`}${anchor}`
  }
  if (!existsSync(join(root, file))) throw new Error(`${source}: links to ${href}, which does not exist`)
  return `${repository}${file}${anchor}`
}

/** Whether a file is the README of a package that others can install, and so has a page. */
function isPublished(file: string): boolean {
  const manifest = join(root, dirname(file), 'package.json')
  return (
    /^packages\/.*README\.md$/.test(file) && existsSync(manifest) && !JSON.parse(readFileSync(manifest, 'utf8')).private
  )
}

/** The name of a package's page: its folder, and for a store what it is. */
export function pageOf(readme: string): string {
  const folders = dirname(readme).split('/')
  const name = folders.at(-1) ?? ''
  return folders.at(-2) === 'stores' ? `store-${name}` : name
}

/** Keeps the braces of a template language, which Vue would take for its own. */
export function literalBraces(md: Markdown): void {
  const text = (content: string) => md.utils.escapeHtml(content).replaceAll('{{', '&#123;&#123;')
  md.renderer.rules.text = (tokens, index) => text(tokens[index]?.content ?? '')
  md.renderer.rules.code_inline = (tokens, index) => `<code v-pre>${text(tokens[index]?.content ?? '')}</code>`
}
