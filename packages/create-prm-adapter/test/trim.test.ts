import { expect, test } from 'vitest'
import { trimmed } from '../src/trim.ts'

const template = [
  'always',
  'one line // @channel',
  '// @webhook {',
  'a block',
  '  // @channel {',
  '  a block in a block',
  '  // @}',
  '// @}',
  'both // @channel+webhook',
  'either # @webhook|feed',
  '| a row | <!-- @feed -->',
  'Access /* @webhook { */, Signing /* @} */ {',
  'a @prm word stays, // and so does a @comment like this',
].join('\n')

test.each([
  [[], ['always', 'Access {']],
  [['channel'], ['always', 'one line', 'Access {']],
  [['webhook'], ['always', 'a block', 'either', 'Access, Signing {']],
  [['feed'], ['always', 'either', '| a row |', 'Access {']],
  [
    ['channel', 'webhook'],
    ['always', 'one line', 'a block', '  a block in a block', 'both', 'either', 'Access, Signing {'],
  ],
])('%j keeps its own lines, and no mark', (wanted, kept) => {
  const last = 'a @prm word stays, // and so does a @comment like this'
  expect(trimmed(template, new Set(wanted)).split('\n')).toEqual([...kept, last])
})

test.each(['// @webhook {\nopen', 'closed\n// @}'])('a mark without its other half is an error: %j', (text) => {
  expect(() => trimmed(text, new Set())).toThrow(/A mark/)
})
