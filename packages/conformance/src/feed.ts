import assert from 'node:assert/strict'
import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import type { Adapter, Context, FeedPage, Json } from '@prm/core/adapter'
import type { Check, Rig } from './checks.ts'
import { at, midnight, real } from './clock.ts'
import { checkAddress, checkFacts, keysOf } from './interactions.ts'
import { until, within } from './rig.ts'

export const feed: readonly Check[] = [
  { id: 'feed/facts', run: facts },
  { id: 'feed/keys', run: keys },
  { id: 'feed/cursor', run: cursor },
  { id: 'feed/resume', run: resume },
  { id: 'feed/abort', run: abort },
  { id: 'feed/stopped-early', run: stoppedEarly },
  { id: 'feed/outage', needs: ['simulator'], run: outage },
]

function pull({ feed }: Adapter, ctx: Context, cursor?: Json): AsyncIterator<FeedPage> {
  assert(feed)
  return feed.pull(cursor, ctx)[Symbol.asyncIterator]()
}

async function next(batches: AsyncIterator<FeedPage>): Promise<FeedPage | undefined> {
  const { done, value } = await within(batches.next())
  return done ? undefined : value
}

async function all(adapter: Adapter, ctx: Context, cursor?: Json): Promise<readonly FeedPage[]> {
  const found: FeedPage[] = []
  const batches = pull(adapter, ctx, cursor)
  for (let batch = await next(batches); batch; batch = await next(batches)) found.push(batch)
  return found
}

const keysIn = (batches: readonly FeedPage[]): readonly string[] =>
  batches.flatMap(({ interactions }) => keysOf(interactions))

async function facts(rig: Rig): Promise<void> {
  const adapter = rig.make()
  const ctx = rig.context()
  const batches = await all(adapter, ctx)
  assert(keysIn(batches).length > 0, 'the feed gives no fact')
  for (const { interactions, people = [], rejected = [], cursor } of batches) {
    await checkFacts(interactions, adapter, ctx.id)
    for (const { at, also } of people) [at, ...also].forEach(checkAddress)
    for (const { source, reason } of rejected) assert(source && reason, 'bad says where and why')
    assert.deepEqual(JSON.parse(JSON.stringify(cursor)), cursor, 'a cursor survives JSON')
  }
}

/** On both sides of midnight. */
async function keys(rig: Rig): Promise<void> {
  const [before, after] = midnight()
  const read = (ms: number) => at(ms, () => all(rig.make(), rig.context({ now: () => real(ms) })))
  const once = (await read(before)).flatMap(({ interactions }) => interactions)
  const again = (await read(after)).flatMap(({ interactions }) => interactions)
  assert.deepEqual(again, once, 'facts are made of the source alone: no clock, nothing random, not the day of the run')
}

/** Nobody who erases a patron can look into a cursor, so it holds nothing of one. The id of a public post is of none. */
async function cursor(rig: Rig): Promise<void> {
  const batches = await all(rig.make(), rig.context())
  const known = batches.flatMap(({ interactions, people = [] }) => [
    ...interactions.flatMap(({ who, data }) => [who?.scheme === 'post' ? undefined : who?.value, ...titlesIn(data)]),
    ...people.flatMap(({ at, also, name }) => [at.value, name, ...also.map(({ value }) => value)]),
  ])
  for (const { cursor } of batches) {
    const text = JSON.stringify(cursor)
    assert(
      !known.some((word) => word && word.length > 3 && text.includes(word)),
      'a cursor holds a name, number or title',
    )
  }
}

function titlesIn(data: unknown): readonly string[] {
  const { items = [] } = data as { items?: readonly { readonly title?: string }[] }
  return items.flatMap(({ title }) => title ?? [])
}

/** From the cursor of any batch on nothing is missed. */
async function resume(rig: Rig): Promise<void> {
  const batches = await all(rig.make(), rig.context())
  for (const [index, { cursor }] of batches.slice(0, 3).entries()) {
    const rest = new Set(keysIn(await all(rig.make(), rig.context(), cursor)))
    const missed = keysIn(batches.slice(index + 1)).filter((key) => !rest.has(key))
    assert.equal(missed.length, 0, `after the cursor of batch ${index + 1} facts are missed`)
  }
}

/** The host stops: no batch more, and no complaint but a PrmError. */
async function abort(rig: Rig): Promise<void> {
  const stop = new AbortController()
  const batches = pull(rig.make(), rig.context({ signal: stop.signal }))
  assert(await next(batches), 'the feed gives no batch')
  stop.abort()
  await over(rig, batches, 'a batch after the abort')
  await over(rig, pull(rig.make(), rig.context({ signal: AbortSignal.abort() })), 'a batch although it was aborted')
}

async function over(rig: Rig, batches: AsyncIterator<FeedPage>, what: string): Promise<void> {
  const last = next(batches)
  const batch = await last.catch(() => 'thrown' as const)
  if (batch === 'thrown') await rig.refused(last, 'unavailable')
  else assert.equal(batch, undefined, what)
}

async function stoppedEarly(rig: Rig): Promise<void> {
  const before = openFiles()
  const batches = pull(rig.make(), rig.context())
  assert(await next(batches), 'the feed gives no batch')
  await within(Promise.resolve(batches.return?.()))
  assert.equal(await next(batches), undefined, 'a batch after it was stopped')
  const left = () => openFiles().filter((file) => !before.includes(file))
  assert(await until(() => left().length === 0, 4_000), 'a file is left open')
}

/** Files, where the system tells (Linux): Node counts no handles of files. */
function openFiles(): readonly string[] {
  const folder = '/proc/self/fd'
  const fds = existsSync(folder) ? readdirSync(folder) : []
  return fds.map((fd) => linkOf(`${folder}/${fd}`)).filter((link) => /^\/(?!proc|dev)/.test(link))
}
function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return '' // The handle that read the folder is closed by now.
  }
}

/** Who cannot ask must not say that there is nothing. */
async function outage(rig: Rig): Promise<void> {
  rig.fault('server-error', 20)
  await rig.refused(all(rig.make(), rig.context()), 'unavailable', 'contract')
}
