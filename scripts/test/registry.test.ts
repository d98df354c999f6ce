import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { faultsOf } from '../generate/registry.ts'

const file = readFileSync(new URL('../../docs/adapters.json', import.meta.url), 'utf8')

const one = {
  package: '@acme/prm-heron',
  facets: ['channel', 'webhook'],
  repository: 'https://git.example/acme/prm-heron',
  report: 'https://git.example/acme/prm-heron/report.jsonl',
}
const registry = (...adapters: readonly object[]): string =>
  `{ "adapters": [\n${adapters.map((line) => JSON.stringify(line)).join(',\n')}\n] }`

test.each([file, registry(), registry(one), registry(one, { ...one, package: 'prm-ibis' })])(
  'a registry with one line for each adapter is taken: %#',
  (text) => {
    expect(faultsOf(text)).toEqual([])
  },
)

test.each([
  ['', /it is no JSON/],
  ['{}', /adapters/],
  [registry({ ...one, package: '@prm/heron' }), /adapters\.0\.package/],
  [registry({ ...one, package: 'Heron' }), /adapters\.0\.package/],
  [registry({ ...one, facets: [] }), /adapters\.0\.facets/],
  [registry({ ...one, facets: ['smoke'] }), /adapters\.0\.facets\.0/],
  [registry({ ...one, repository: 'http://git.example' }), /adapters\.0\.repository/],
  [registry({ ...one, report: undefined }), /adapters\.0\.report/],
  [registry({ ...one, stars: 5 }), /stars/],
  [registry({ ...one, package: 'prm-ibis' }, one), /not in order/],
  [registry(one, one), /not in order, each once/],
  [JSON.stringify({ adapters: [one, { ...one, package: 'prm-ibis' }] }), /one line of its own/],
])('another one is told what is wrong with it: %#', (text, why) => {
  expect(faultsOf(text).join('\n')).toMatch(why)
})
