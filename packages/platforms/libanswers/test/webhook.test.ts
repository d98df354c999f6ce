import { describe, expect, test } from 'vitest'
import { type LibAnswersSimulator, simulate } from '../simulator/index.ts'
import { type LibAnswersConfig, libanswers } from '../src/index.ts'
import { context, publicUrl, thrown } from './context.ts'

const key = 'Zx0YwVuTsRqPoNmLkJiHgF.3'
const mail = { address: 'desk@alder.example', seal: 'a long random text', secret: 'simulated' }
const make = (more: Partial<NonNullable<LibAnswersConfig['mail']>> = {}) =>
  libanswers({
    baseUrl: 'https://a.example',
    clientId: '1',
    clientSecret: 's',
    timeZone: 'UTC',
    mail: { ...mail, ...more },
  })
const mailboxOf = make().ops.mailboxFor
const now = () => new Date('2026-11-24T16:00:00.000Z')
async function simulated<T>(run: (simulator: LibAnswersSimulator) => Promise<T>): Promise<T> {
  const simulator = await simulate({ now })
  try {
    return await run(simulator)
  } finally {
    await simulator.close()
  }
}
async function told(answer: { to?: string; text: string; automatic?: boolean; messageId?: string }, more = {}) {
  const answers = make(more)
  const to = answer.to ?? (await answers.ops.mailboxFor(key))
  return simulated(async (simulator) => {
    const { interactions } =
      (await answers.webhook?.receive(simulator.webhook({ ...answer, to, url: publicUrl }), context())) ?? {}
    return interactions?.[0]
  })
}

describe('an answer that staff gave in LibAnswers', () => {
  test('is a fact about the message that made the ticket, without what is added below', async () => {
    const fact = await told(
      { text: 'Yes, with your card.', messageId: '<1@answers.example>' },
      { endsAt: ['--------'] },
    )
    expect(fact).toMatchObject({
      type: 'ticket.answered',
      about: { source: 'prm', key },
      data: { text: 'Yes, with your card.' },
    })
    expect(fact?.key).toMatch(/^<1@answers\.example> [\da-f]{32}$/)
  })

  test('whose address was put in lower case or capitals is known all the same', async () => {
    const to = await make().ops.mailboxFor(key)
    expect((await told({ to: to.toUpperCase(), text: 'Yes.' }))?.about?.key).toBe(key)
  })

  test('that is a receipt says that no person wrote it', async () => {
    expect((await told({ text: 'We got it.', automatic: true }))?.data).toMatchObject({ automatic: true })
  })

  test('to two tickets of ours is of the one that it was delivered to', async () => {
    const other = 'Zx0YwVuTsRqPoNmLkJiHgF.4'
    const to = `${await mailboxOf(key)}>\r\nDelivered-To: <${await mailboxOf(other)}`
    expect((await told({ to, text: 'Yes.' }))?.about?.key).toBe(other)
  })

  test.each([
    ['only quotes what was asked', '> Where is my card?\n> Ada\n', ['--------']],
    ['is empty', '', ['--------']],
    ['has nothing above the first mark', 'Type above this line\nYes.', ['above this line']],
  ])('that %s is no answer of a person, and nothing of it is lost', async (_, text, endsAt) => {
    const fact = await told({ text }, { endsAt })
    expect(fact?.data).toMatchObject({ automatic: true, text: expect.stringMatching(/\S/) })
  })

  test('told twice is one fact, and two answers are two', async () => {
    const one = { text: 'Yes.', messageId: '<1@answers.example>' }
    expect((await told(one))?.key).toBe((await told(one))?.key)
    expect((await told({ ...one, text: 'No.' }))?.key).not.toBe((await told(one))?.key)
  })
})

describe('a mail that is refused', () => {
  test.each([
    ['to somebody else', async () => 'desk@alder.example'],
    ['with another mark', async () => `desk+${'a'.repeat(49)}@alder.example`],
    ['with a mark of another seal', () => make({ seal: 'another' }).ops.mailboxFor(key)],
    ['to two tickets, and nobody says which', async () => `${await mailboxOf(key)}>, <${await mailboxOf('another')}`],
    ['whose mark was changed', async () => (await make().ops.mailboxFor(key)).replace(/\+../, '+zz')],
  ])('%s', async (_, to) => {
    expect((await thrown(told({ to: await to(), text: 'x' }))).code).toBe('invalid')
  })

  test('from somebody else than `from` says', async () => {
    for (const from of [['alder@answers.example'], ['Answers.example']])
      expect((await told({ text: 'x' }, { from }))?.type).toBe('ticket.answered')
    for (const from of [['answers.example.org'], ['example'], ['ada@answers.example']])
      expect([from, (await thrown(told({ text: 'x' }, { from }))).code]).toEqual([
        from,
        from[0] === 'example' ? 'config' : 'invalid',
      ])
  })

  test('signed with another secret', async () => {
    expect((await thrown(told({ text: 'x' }, { secret: 'another' }))).code).toBe('signature')
    expect((await told({ text: 'x' }, { secret: 'new', previousSecret: 'simulated' }))?.type).toBe('ticket.answered')
  })
})
