import { expect, test } from 'vitest'
import { rig } from './rig.ts'

const searches = [{ text: 'alder' }]

test('where all is well, all is said to be', async () => {
  const { adapter, ctx } = await rig({ searches, stream: '1s' })
  const said = await adapter.check(ctx())
  expect(said.map(({ what, ok }) => [what, ok])).toEqual([
    ['instance', true],
    ['account', true],
    ['scopes', true],
    ['channel.measure', true],
    ['feed.tags', true],
    ['feed.searches', true],
    ['feed.stream', true],
  ])
  expect(said.map(({ detail }) => detail).join('\n')).toMatch(/4\.5\.2[\s\S]*@library, marked as automated/)
  expect(said.find(({ what }) => what === 'feed.searches')?.hint).toContain('opted in')
})

test('closed timelines, no search, another length, lacking scopes and no streams are said', async () => {
  const { adapter, simulator, ctx } = await rig({ searches, stream: '1s' })
  Object.assign(simulator.offers, {
    tags: false,
    search: false,
    streaming: false,
    maxCharacters: 5000,
    scopes: ['read:accounts', 'write'],
  })
  const said = new Map((await adapter.check(ctx())).map((one) => [one.what, one]))
  expect(said.get('feed.tags')).toMatchObject({ ok: false, detail: expect.stringContaining('closed') })
  expect(said.get('feed.searches')).toMatchObject({
    ok: 'unknown',
    detail: expect.stringContaining('no full-text search'),
  })
  expect(said.get('feed.stream')).toMatchObject({ ok: 'unknown' })
  expect(said.get('channel.measure')).toMatchObject({ ok: false, detail: expect.stringContaining('5000') })
  expect(said.get('scopes')?.detail).toBe('The application lacks read:notifications, read:statuses, read:search.')
})

test('a suspended account, and an instance that is down, are said', async () => {
  const { adapter, simulator, ctx } = await rig()
  simulator.suspend('library')
  const account = (await adapter.check(ctx())).find(({ what }) => what === 'account')
  expect(account).toMatchObject({ ok: false, detail: expect.stringContaining('suspended') })
  await simulator.close()
  expect(new Set((await adapter.check(ctx())).map(({ ok }) => ok))).toEqual(new Set(['unknown']))
})
