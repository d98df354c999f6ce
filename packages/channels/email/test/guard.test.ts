import type { FeedPage } from '@prm/core'
import { expect, test, vi } from 'vitest'
import { answer } from '../simulator/index.ts'
import { email } from '../src/index.ts'
import { context } from './context.ts'
import { dovecot, noDovecot } from './dovecot.ts'
import { ada, from, library, secret } from './library.ts'

vi.mock('@prm/kit-mail', async (original) => {
  const real = await original<typeof import('@prm/kit-mail')>()
  return {
    ...real,
    readMail: async (bytes: Uint8Array, options: object) => {
      if (new TextDecoder().decode(bytes).includes('x-throws')) throw new RangeError(`at ${ada.value}`)
      return real.readMail(bytes, options)
    },
  }
})

const plain = answer({ from: ada.value, to: from, text: 'Hello' })
const throwing = `x-throws: 1\r\n${plain}`

test('a mail that makes the reader throw is refused as one that cannot be read, and says nothing of the mail', async () => {
  const { post, close } = await library()
  const response = await post({ raw: throwing })
  expect(response.status).toBe(400)
  expect(await response.text()).toBe('The mail was not taken: reading it failed: RangeError.')
  await close()
})

test.skipIf(noDovecot)(
  `a mail that makes the reader throw is a rejected record, and the mails behind it are read${noDovecot ? ` skipped: ${noDovecot}` : ''}`,
  async () => {
    const server = await dovecot()
    await server.deliver('guard', throwing)
    await server.deliver('guard', plain)
    const imap = { host: '127.0.0.1', port: server.port, user: 'guard', password: server.password }
    const adapter = email({ from, secret, smtp: { host: '127.0.0.1' }, imap })
    const batches: FeedPage[] = []
    for await (const batch of adapter.feed?.pull(undefined, context()) ?? []) batches.push(batch)
    expect(batches.flatMap(({ rejected = [] }) => rejected)).toEqual([
      { source: 'uid 1', reason: 'reading it failed: RangeError' },
    ])
    expect(batches.flatMap(({ interactions }) => interactions)).toMatchObject([
      { data: { content: { text: 'Hello' } } },
    ])
    expect(batches.at(-1)?.cursor).toMatchObject({ uid: 2 })
    await adapter.close()
    await server.stop()
  },
)
