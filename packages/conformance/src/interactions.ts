import assert from 'node:assert/strict'
import type { Adapter, Address, Interaction } from '@prm/core/adapter'

/** Of a type that the adapter emits, with data that fits it, under a key and a source that name it for ever. */
export async function checkFacts(facts: readonly Interaction[], adapter: Adapter, source: string): Promise<void> {
  for (const fact of facts) {
    const type = adapter.emits.find(({ name }) => name === fact.type)
    assert(type, `a fact of type ${fact.type}, which is not in emits`)
    assert(typeof fact.key === 'string' && fact.key.trim() !== '', `the key of a ${fact.type} is no text or empty`)
    assert(!/\b(undefined|null|NaN)\b|\[object /.test(fact.key), `the key of a ${fact.type} holds what was missing`)
    assert.equal(fact.source, source, 'the source of a fact is ctx.id')
    if (fact.at !== undefined)
      assert.match(fact.at, /^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/, 'at is a day, or an instant in UTC')
    for (const address of [fact.who, fact.to]) if (address) checkAddress(address)
    if (fact.about) assert(fact.about.source && fact.about.key, 'about names a source and a key')
    const { issues } = await type.schema['~standard'].validate(fact.data)
    assert(!issues, `the data of a ${fact.type}: ${issues?.[0]?.message} at ${JSON.stringify(issues?.[0]?.path ?? [])}`)
    assert.deepEqual(JSON.parse(JSON.stringify(fact)), fact, 'a fact survives JSON')
  }
}

export function checkAddress({ scheme, value }: Address): void {
  assert(scheme && value && typeof scheme === 'string' && typeof value === 'string', 'an address has scheme and value')
}

export const keysOf = (facts: readonly Interaction[]): readonly string[] => facts.map(({ key }) => key)
