// npm run generate: what of the documents is made from the code: the pages of the reference, and the tables of packages. With --check it writes nothing, and says what is stale. `npm run generate -- strings` writes `strings.md` instead, a
// list to read of every text that somebody can see; it is not committed.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { wrong } from '../check/budget.ts'
import { root } from '../check/packages.ts'
import { stringsPage } from '../strings.ts'
import { cliPage } from './cli.ts'
import { contractPage } from './contract.ts'
import { errorsPage, eventsPage, rulesPage } from './reference.ts'
import { faultsOf, registered } from './registry.ts'
import { kindTable, matrix, packageTables } from './tables.ts'

if (process.argv.includes('strings')) {
  writeFileSync(join(root, 'strings.md'), stringsPage())
  console.log('strings.md')
  process.exit()
}

const check = process.argv.includes('--check')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

const registry = read('docs/adapters.json')
for (const fault of faultsOf(registry)) wrong(`docs/adapters.json: ${fault}`)

const pages: Readonly<Record<string, string>> = {
  'docs/reference/adapter-contract.md': contractPage(),
  'docs/reference/cli.md': cliPage(),
  'docs/reference/decision-rules.md': rulesPage(),
  'docs/reference/errors.md': errorsPage(),
  'docs/reference/events.md': await eventsPage(),
  'docs/packages/index.md': filled('docs/packages/index.md', {
    packages: packageTables('../../'),
    adapters: await matrix(registered(registry), '../../'),
  }),
  'README.md': filled('README.md', { packages: kindTable() }),
}
for (const [file, text] of Object.entries(pages)) {
  if (read(file) === text) continue
  if (check) wrong(`${file} is stale: npm run generate`)
  else writeFileSync(join(root, file), text)
}
// Some simulators keep a socket; all has been said.
process.exit()

/** What stands between `<!-- packages: npm run generate -->` and `<!-- /packages -->` becomes the table. */
function filled(file: string, parts: Readonly<Record<string, string>>): string {
  return Object.entries(parts).reduce((text, [name, table]) => {
    const place = new RegExp(`(<!-- ${name}: npm run generate -->\n)[\\s\\S]*?(<!-- /${name} -->)`)
    if (!place.test(text)) wrong(`${file} has no place for ${name}`)
    return text.replace(place, (_, begin: string, end: string) => `${begin}${table}${end}`)
  }, read(file))
}
