import { PrmError } from '@prm/core'
import { expect, test } from 'vitest'
import { type MastodonConfig, mastodon } from '../src/index.ts'

const good: MastodonConfig = {
  baseUrl: 'https://social.example',
  accessToken: 'hunter2',
  pseudonymKey: 'sixteen letters or more',
}

test.each([
  ['nothing', {}, 'baseUrl'],
  ['an instance without https', { ...good, baseUrl: 'social.example' }, 'baseUrl'],
  ['an instance with a path', { ...good, baseUrl: 'https://social.example/api' }, 'baseUrl'],
  ['an instance with a password', { ...good, baseUrl: 'https://hunter2@social.example' }, 'baseUrl'],
  ['an empty token', { ...good, accessToken: '' }, 'accessToken'],
  ['a short key', { ...good, pseudonymKey: 'hunter2' }, 'pseudonymKey'],
  ['a tag with its sign', { ...good, tags: [{ name: '#alder' }] }, 'tags[0].name'],
  ['an empty search', { ...good, searches: [{ text: '' }] }, 'searches[0].text'],
  ['a stream without a time', { ...good, stream: true }, 'stream'],
  ['a stream longer than a timer can be', { ...good, stream: '30d' }, 'stream'],
  ['a length of nothing', { ...good, maxCharacters: 0 }, 'maxCharacters'],
  ['a setting of another vendor', { ...good, identifier: 'x' }, 'identifier'],
])('%s is refused, and the message names the field and no secret', (_, config, field) => {
  try {
    mastodon(config as MastodonConfig)
  } catch (error) {
    if (!PrmError.is(error)) throw error
    expect([error.code, error.field]).toEqual(['config', field])
    expect(error.message).not.toContain('hunter2')
    return
  }
  throw new Error('It was taken.')
})

test('no secret can be seen in the adapter', () => {
  const all = mastodon({ ...good, tags: [{ name: 'Bücherei_Süd' }], stream: '5m' })
  expect([all.feed.every, JSON.stringify(all).includes('hunter2')]).toEqual(['2m', false])
})
