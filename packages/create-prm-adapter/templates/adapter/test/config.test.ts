import assert from 'node:assert/strict'
import { PrmError } from '@prm/core/adapter'
import { test } from 'vitest'
import {
  newAccess,
  newSigning, // @webhook
} from '../simulator/index.ts'
import { type CarrierPigeonConfig, carrierPigeon } from '../src/index.ts'

const good: CarrierPigeonConfig = {
  ...newAccess(),
  ...newSigning().config, // @webhook
  from: '+12125550100', // @channel
}

test('a right config is taken, and nothing is asked of anybody', () => {
  assert.equal(carrierPigeon(good).kind, 'carrier-pigeon')
})

for (const field of Object.keys(good)) {
  test(`without ${field} the error names it, and shows no secret`, () => {
    assert.throws(
      () => carrierPigeon({ ...good, [field]: undefined }),
      (error) => PrmError.is(error) && error.code === 'config' && error.field === field,
    )
    assert.throws(
      () => carrierPigeon({ ...good, [field]: 'hunter2 ', baseUrl: 'hunter2' }),
      (error) => PrmError.is(error) && !`${error.stack}${JSON.stringify(error)}`.includes('hunter2'),
    )
  })
}

test('a setting that there is not is no setting', () => {
  assert.throws(
    () => carrierPigeon({ ...good, colour: 'blue' } as CarrierPigeonConfig),
    (error) => PrmError.is(error) && error.field === 'colour',
  )
})
