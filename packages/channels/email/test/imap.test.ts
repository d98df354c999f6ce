import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answer } from '../simulator/index.ts'
import { type Dovecot, dovecot, noDovecot } from './dovecot.ts'
import { ada, from, library } from './library.ts'

describe.skipIf(noDovecot)(`a mailbox${noDovecot ? ` skipped: ${noDovecot}` : ''}`, () => {
  let server: Dovecot
  beforeAll(async () => {
    server = await dovecot()
  })
  afterAll(() => server.stop())
  const imap = (user: string) => ({ host: '127.0.0.1', port: server.port, user, password: server.password })
  const mail = (n: number, more = {}) =>
    answer({
      from: ada.value,
      to: from,
      text: `Question ${n}?`,
      subject: `q${n}`,
      messageId: `<q${n}@phone.example>`,
      ...more,
    })

  test('each mail is taken once, over restarts and when its server numbers them anew', async () => {
    const { prm, texts, close } = await library({ imap: imap('once') })
    for (let n = 1; n <= 45; n++) await server.deliver('once', mail(n))
    await prm.pull('mail')
    expect((await texts()).length).toBe(45)
    await server.deliver('once', mail(46))
    await prm.pull('mail')
    await prm.pull('mail')
    expect((await texts()).length).toBe(46)
    server.renumber('once')
    await server.deliver('once', mail(47))
    await prm.pull('mail')
    expect((await texts()).length).toBe(47)
    await close()
  })
})
