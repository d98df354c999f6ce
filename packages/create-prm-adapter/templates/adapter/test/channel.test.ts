import assert from 'node:assert/strict'
import { testContext, thrown } from '@prm/conformance'
import { test } from 'vitest'
import { simulate } from '../simulator/index.ts'
import { carrierPigeon } from '../src/index.ts'

// The suite cannot know your words: each that matters to core is worth a line here.
for (const [word, code] of [
  ['opted_out', 'blocked'],
  ['not_mobile', 'undeliverable'],
  ['too_long', 'invalid'],
] as const) {
  test(`${word} is ${code}, and the error says nothing of whom`, async () => {
    const simulator = await simulate()
    const { channel } = carrierPigeon({ ...simulator.credentials, baseUrl: simulator.url })
    const to = { scheme: 'tel', value: '+12125550134' } as const
    simulator.refuse(to.value, word)
    const message = { key: 'hold:17', to, content: { text: 'Your hold is ready.' }, purpose: 'pickup' }
    const error = await thrown(channel.send(message, testContext('sms')), to.value)
    assert.deepEqual([error.code, error.vendor?.code], [code, word])
    await simulator.close()
  })
}
