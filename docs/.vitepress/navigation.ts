// The menus of the site: what there is to read, in the order in which a stranger meets it.
import { existsSync, globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { DefaultTheme } from 'vitepress'
import { kinds } from '../../scripts/docs/kinds.ts'

const docs = fileURLToPath(new URL('..', import.meta.url))

export const navigation: DefaultTheme.NavItem[] = [
  { text: 'Get started', link: '/start/', activeMatch: '^/start/' },
  { text: 'Guides', link: '/guides/', activeMatch: '^/guides/' },
  { text: 'How it works', link: '/how-it-works' },
  { text: 'Packages', link: '/packages/', activeMatch: '^/packages/' },
  { text: 'Reference', link: '/reference/', activeMatch: '^/reference/' },
]

const item = (text: string, link: string): DefaultTheme.SidebarItem => ({ text, link })

/** A package's TypeScript reference; the packages named `@prm/…` are in a folder of that name. */
const api = existsSync(`${docs}reference/api`)
  ? globSync('**/*.md', { cwd: `${docs}reference/api` })
      .filter((file) => !/(README|index|modules)\.md$/.test(file))
      .sort()
      .map((file) => item(file.replace(/\.md$/, ''), `/reference/api/${file.replace(/\.md$/, '')}`))
  : []

export const sidebar: DefaultTheme.SidebarItem[] = [
  {
    text: 'Get started',
    items: [
      item('Try it', '/start/'),
      item('Librarian', '/start/librarian'),
      item('Developer', '/start/developer'),
      item('Vendor or adapter author', '/start/vendor'),
      item('Integrator', '/start/integrator'),
    ],
  },
  {
    text: 'Guides',
    items: [
      item('All guides', '/guides/'),
      item('From a notice file to SMS', '/guides/from-a-notice-file-to-sms'),
      item('Replace your SMS gateway in Koha', '/guides/replace-your-sms-gateway-in-koha'),
      item('Text 100,000 patrons safely', '/guides/text-100000-patrons-safely'),
      item('From a newsletter to declared interests', '/guides/from-a-newsletter-to-declared-interests'),
      item('Text a Librarian', '/guides/text-a-librarian'),
      item('Compose your own flow', '/guides/compose-your-own-flow'),
      item('Mounting', '/guides/mounting'),
      item('Write an adapter', '/guides/write-an-adapter'),
    ],
  },
  {
    text: 'How it works',
    items: [
      item('Two routes', '/how-it-works'),
      item('Guarantees', '/guarantees'),
      item('Performance', '/performance'),
      item('Security', '/security'),
      item('Data retention', '/what-is-kept'),
      item('What new channels changed', '/what-new-channels-changed'),
      item('Roadmap', '/roadmap'),
      ...(existsSync(`${docs}glossary.md`) ? [item('Glossary', '/glossary')] : []),
    ],
  },
  {
    text: 'Reference',
    items: [
      item('Overview', '/reference/'),
      item('Adapter contract', '/reference/adapter-contract'),
      item('Command line', '/reference/cli'),
      item('Events', '/reference/events'),
      item('Error codes', '/reference/errors'),
      item('Decision rules', '/reference/decision-rules'),
      { text: 'TypeScript', collapsed: true, items: api },
    ],
  },
  {
    text: 'Packages',
    items: [
      item('All packages', '/packages/'),
      ...kinds.map(({ kind, packages }) => ({
        text: kind,
        collapsed: true,
        items: packages.map(({ name, page }) => item(name, `/packages/${page}`)),
      })),
    ],
  },
]
