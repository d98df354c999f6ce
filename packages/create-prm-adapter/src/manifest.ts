import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Choice, type Names, Refused } from './choice.ts'

interface Manifest {
  readonly devDependencies: { readonly [name: string]: string }
}

/** What was tested together: the versions stand in this package's own manifest, as its development dependencies. */
const own = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Manifest).devDependencies
const version = (name: string): string => own[name] ?? '*'

export function manifest(choice: Choice, { title }: Names): string {
  const { name, standalone } = choice
  const prm = standalone ? ranges(choice) : inWorkspace
  const node = standalone ? 'node' : 'node --conditions=@prm/source'
  const entry = (source: string, built: string) => ({
    ...(!standalone && { '@prm/source': source }),
    types: `./dist/${built}.d.ts`,
    default: `./dist/${built}.js`,
  })
  const json = {
    name,
    version: '0.1.0',
    description: `${title} for @prm, with a simulator.`,
    license: 'MIT',
    keywords: ['library', 'patron', 'prm', 'prm-adapter'],
    type: 'module',
    sideEffects: false,
    engines: { node: '>=22.20' },
    prm: { spec: 1 },
    files: ['dist'],
    exports: {
      '.': entry('./src/index.ts', 'index'),
      './simulator': entry('./simulator/index.ts', 'simulator'),
      './package.json': './package.json',
    },
    scripts: {
      build: 'tsup',
      ...(standalone && { types: 'tsc6 -p .', test: 'node --test "test/**/*.test.ts"' }),
      conformance: `${node} test/report.ts`,
    },
    dependencies: { '@prm/kit': prm['@prm/kit'].needs, zod: version('zod') },
    peerDependencies: { '@prm/core': prm['@prm/core'].range },
    devDependencies: {
      '@prm/conformance': prm['@prm/conformance'].needs,
      '@prm/core': prm['@prm/core'].needs,
      ...(standalone && {
        '@types/node': version('@types/node'),
        tsup: version('tsup'),
        typescript: version('typescript'),
      }),
    },
    publishConfig: { access: 'public' },
  }
  return `${JSON.stringify(json, null, 2)}\n`
}

const prm = ['@prm/core', '@prm/kit', '@prm/conformance'] as const
/** What stands in `dependencies`, and which releases will do. */
type Ranges = { readonly [name in (typeof prm)[number]]: { readonly needs: string; readonly range: string } }

const everywhere = (of: (name: (typeof prm)[number]) => Ranges[typeof name]): Ranges =>
  Object.fromEntries(prm.map((name) => [name, of(name)])) as Ranges

const inWorkspace = everywhere(() => ({ needs: 'workspace:^', range: 'workspace:^' }))

function ranges({ from }: Choice): Ranges {
  if (from === undefined) return everywhere((name) => ({ needs: version(name), range: version(name) }))
  const folder = resolve(from)
  const files = filesIn(folder)
  return everywhere((name) => {
    const start = `${name.slice(1).replace('/', '-')}-`
    const found = files.filter(
      (file) => file.startsWith(start) && /^\d+\.\d+\.\d+.*\.tgz$/.test(file.slice(start.length)),
    )
    const [file = ''] = found
    if (found.length !== 1)
      throw new Refused(
        `--from ${from} holds ${found.length} files ${start}VERSION.tgz and should hold one: npm run pack -- DIR makes them.`,
      )
    return { needs: `file:${join(folder, file)}`, range: `^${file.slice(start.length, -'.tgz'.length)}` }
  })
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    throw new Refused(`--from ${folder} cannot be read: it should be a folder of the packed tarballs of @prm.`)
  }
}
