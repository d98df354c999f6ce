import assert from 'node:assert/strict'
import type { Message } from '@prm/core'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { at, message } from '../../../conformance/src/store/place.ts'
import { merged } from '../src/message.ts'

const early = ['planned', 'unknown', 'accepted', 'sent'] as const
const ends = ['delivered', 'undelivered', 'rejected', 'expired', 'cancelled'] as const
const state = fc.constantFrom<Message['state']>(...early, ...ends, 'read')
const one = fc
  .record({ state, count: fc.nat(3), providerId: fc.option(fc.constantFrom('SM1', 'SM2'), { nil: undefined }) })
  .map(({ state, count, providerId }) =>
    message('m', {
      state,
      attempts: Array.from({ length: count }, () => ({ at, outcome: state })),
      ...(providerId === undefined ? {} : { providerId }),
    }),
  )
const order = (value: Message['state']): number =>
  [...early, 'end', 'read'].indexOf((ends as readonly string[]).includes(value) ? 'end' : value)

describe('messages that meet', () => {
  test('move forward only, whatever comes in whatever order', () => {
    fc.assert(
      fc.property(fc.array(one, { minLength: 2, maxLength: 6 }), ([first, ...rest]) => {
        let stored = first as Message
        for (const next of rest) {
          const now = merged(stored, next, at)
          assert.ok(order(now.state) >= Math.max(order(stored.state), order(next.state)))
          assert.equal(now.attempts.length, Math.max(stored.attempts.length, next.attempts.length))
          assert.equal(now.providerId, next.providerId ?? stored.providerId)
          if (order(stored.state) === order(next.state)) assert.equal(now.state, stored.state)
          stored = now
        }
      }),
    )
  })

  test('are the same when they meet again', () => {
    fc.assert(
      fc.property(one, one, (a, b) => {
        const now = merged(a, b, at)
        assert.deepEqual(merged(now, b, at), now)
      }),
    )
  })

  test('note each end that contradicts the first once, and keep what was noted', () => {
    const first = message('m', { state: 'undelivered' })
    const second = merged(first, message('m', { state: 'delivered' }), at)
    const third = merged(second, message('m', { state: 'delivered' }), at)
    const fourth = merged(third, message('m', { state: 'rejected' }), at)
    assert.deepEqual(fourth, {
      ...first,
      contradictions: [
        { at, state: 'delivered' },
        { at, state: 'rejected' },
      ],
    })
    assert.deepEqual(first, message('m', { state: 'undelivered' }))
  })
})
