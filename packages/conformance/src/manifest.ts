import assert from 'node:assert/strict'
import type { Adapter } from '@prm/core/adapter'
import type { Check } from './checks.ts'
import { checkAddress } from './interactions.ts'

const duration = /^\d+(ms|s|m|h|d)$/
// semver.org, without build metadata's own alternatives.
const semver = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[\da-z-]+(\.[\da-z-]+)*)?(\+[\da-z-]+(\.[\da-z-]+)*)?$/i

export const manifest: readonly Check[] = [
  { id: 'manifest/identity', run: async (rig) => identity(rig.make()) },
  { id: 'manifest/emits', run: async (rig) => emits(rig.make()) },
  { id: 'manifest/facets', run: async (rig) => facets(rig.make()) },
  { id: 'manifest/plain', run: async (rig) => plain(rig.make()) },
]

function identity({ spec, kind, version }: Adapter): void {
  assert.equal(spec, 1, 'spec is 1')
  assert.match(kind, /^[a-z][a-z\d]*(-[a-z\d]+)*$/, 'kind is a word such as notice-files')
  assert.match(version, semver, 'version is a semantic version')
}

function emits({ emits }: Adapter): void {
  assert(Array.isArray(emits), 'emits is a list of event types')
  for (const { name, keep, schema } of emits) {
    assert.match(name, /^[a-z][a-z\d-]*(\.[a-z\d-]+)*$/, 'an event name is words such as message.received')
    if (keep !== undefined) assert.match(keep, duration, `keep of ${name} is a duration such as 30d`)
    assert.equal(typeof schema['~standard'].validate, 'function', `the schema of ${name} is a Standard Schema`)
  }
  const names = emits.map(({ name }) => name)
  assert.deepEqual(names, [...new Set(names)], 'emits names each event once')
}

function facets(adapter: Adapter): void {
  const { channel, webhook, feed, directory, circulation, catalogue, knowledge, metrics, check, close } = adapter
  if (channel) {
    const { medium, schemes, exposure, senders = [], limits } = channel
    assert(medium && schemes.length > 0, 'channel.medium is a word, channel.schemes has one')
    assert(['private', 'glanceable', 'public'].includes(exposure), 'channel.exposure says who else may see it')
    for (const { address } of senders) checkAddress(address)
    assert.equal(typeof limits.idempotent, 'boolean', 'channel.limits.idempotent is yes or no')
    for (const limit of [limits.maxQueueTime, limits.visibleAfter])
      if (limit) assert.match(limit, duration, 'limits are durations')
  }
  if (webhook?.maxBytes !== undefined)
    assert(webhook.maxBytes > 0 && webhook.maxBytes <= 16 * 1024 * 1024, 'webhook.maxBytes is 16 MiB at the most')
  assert(['signature', 'secret', undefined].includes(webhook?.proof), 'webhook.proof is signature or secret')
  if (feed) assert.match(feed.every, duration, 'feed.every is a duration such as 30s')
  const due = [
    channel && [channel.measure, channel.send],
    webhook && [webhook.receive],
    feed && [feed.pull],
    directory && [directory.find],
    circulation && [circulation.loans, circulation.holds],
    catalogue && [catalogue.byIsbn],
    knowledge && [knowledge.pages],
    metrics && [metrics.pull],
  ].flat(2)
  const may = [
    channel?.lookup,
    webhook?.media,
    catalogue?.availability,
    catalogue?.added,
    knowledge?.search,
    check,
    close,
  ]
  for (const member of [...due, ...may])
    assert(member === undefined || typeof member === 'function', 'it is no function')
}

/** A host wraps it by spreading, which a class instance does not survive. */
function plain(adapter: Adapter): void {
  const { channel, webhook, feed, directory, circulation, catalogue, knowledge, metrics, ops } = adapter
  const parts = { adapter, channel, webhook, feed, directory, circulation, catalogue, knowledge, metrics, ops }
  for (const [name, part] of Object.entries(parts)) {
    if (part === undefined) continue
    const prototype: unknown = Object.getPrototypeOf(part)
    assert(prototype === Object.prototype || prototype === null, `${name} is a plain object, no instance of a class`)
    const members = Object.values(Object.getOwnPropertyDescriptors<object>(part))
    assert(!members.some(({ get }: PropertyDescriptor) => get), `${name} has values, no getters`)
  }
}
