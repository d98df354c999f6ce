// The documentation site: reads docs/ and what scripts/docs puts there, and writes docs/.vitepress/dist. Every link leads
// somewhere, or the build fails.
import { slug } from 'github-slugger'
import { type DefaultTheme, defineConfig, type UserConfig } from 'vitepress'
import { diagrams } from './diagrams.ts'
import { literalBraces, siteLinks } from './links.ts'
import { navigation, sidebar } from './navigation.ts'

const config: UserConfig<DefaultTheme.Config> = defineConfig({
  title: '@prm',
  description: 'Patron relationship management for libraries, as TypeScript packages',
  lang: 'en-US',
  cleanUrls: false,
  lastUpdated: false,
  markdown: {
    // The same anchors as on the page of the repository.
    anchor: { slugify: slug },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config: (md) => {
      siteLinks(md)
      literalBraces(md)
      diagrams(md)
    },
  },
  vite: { build: { chunkSizeWarningLimit: 3_000 }, esbuild: { tsconfigRaw: '{}' } },
  themeConfig: {
    nav: navigation,
    sidebar,
    outline: { level: [2, 3] },
    search: {
      provider: 'local',
      // The API has thousands of members: its packages are found by name, and its own pages have an outline.
      options: {
        _render: (source, env, md) => (env.relativePath.startsWith('reference/api/') ? '' : md.render(source, env)),
      },
    },
    externalLinkIcon: true,
  },
})

export default config
