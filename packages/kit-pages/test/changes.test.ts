import { testContext } from '@prm/conformance'
import { type Json, type KnowledgePage, PrmError } from '@prm/core'
import { expect, test } from 'vitest'
import { pageChanges } from '../src/index.ts'

const page = (id: string, version: string): KnowledgePage => ({
  ref: { system: 'g', id, version },
  title: `Page ${id}`,
})
async function* of(pages: readonly KnowledgePage[]): AsyncGenerator<KnowledgePage> {
  yield* pages
}
async function look(pages: readonly KnowledgePage[], cursor?: Json) {
  const told: string[] = []
  let last: Json = cursor ?? null
  for await (const batch of pageChanges(of(pages), cursor, testContext('g'))) {
    told.push(...batch.interactions.map(({ key }) => key))
    last = batch.cursor
  }
  return { told, cursor: last }
}

test('new, changed, changed back, gone and there again are each a fact; what stays is none', async () => {
  const first = await look([page('1', 'a'), page('2', 'a')])
  expect(first.told).toEqual(['page 1 1 a', 'page 2 1 a'])
  const same = await look([page('1', 'a'), page('2', 'a')], first.cursor)
  expect(same.told).toEqual([])
  const changed = await look([page('1', 'b'), page('2', 'a')], first.cursor)
  expect(changed.told).toEqual(['page 1 2 b'])
  const back = await look([page('1', 'a')], changed.cursor)
  expect(back.told).toEqual(['page 1 3 a', 'page 2 2 gone'])
  expect((await look([page('1', 'a')], back.cursor)).told).toEqual([])
  expect((await look([page('1', 'a'), page('2', 'a')], back.cursor)).told).toEqual(['page 2 3 a'])
})

test('a look that is made again tells the same', async () => {
  const first = await look([page('1', 'a')])
  expect(await look([page('1', 'b')], first.cursor)).toEqual(await look([page('1', 'b')], first.cursor))
})

test('nothing at all where there was something is not believed', async () => {
  const { cursor } = await look([page('1', 'a')])
  const error = await look([], cursor).catch((error: unknown) => error)
  expect(PrmError.is(error) && error.code).toBe('contract')
  expect((await look([])).told).toEqual([])
})
