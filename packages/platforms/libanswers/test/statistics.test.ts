import type { Interaction, Json } from '@prm/core'
import { afterEach, describe, expect, test } from 'vitest'
import { type LibAnswersSimulator, simulate } from '../simulator/index.ts'
import { libanswers } from '../src/index.ts'
import { context, thrown } from './context.ts'

const open: LibAnswersSimulator[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})
async function tenant(since = '2026-06-01') {
  const simulator = await simulate()
  open.push(simulator)
  const { clientId, clientSecret } = simulator.credentials
  const statistics = { dataset: '77', since }
  const answers = libanswers({
    baseUrl: simulator.url,
    clientId,
    clientSecret,
    timeZone: 'America/Chicago',
    statistics,
  })
  const pull = async (cursor?: Json, day = '2026-11-24') => {
    const facts: Interaction[] = []
    const bad: string[] = []
    for await (const batch of answers.feed?.pull(cursor, context({ now: () => new Date(`${day}T16:00:00.000Z`) })) ??
      []) {
      facts.push(...batch.interactions)
      bad.push(...(batch.rejected ?? []).map(({ source, reason }) => `${source}: ${reason}`))
      cursor = batch.cursor
    }
    return { facts, bad, cursor }
  }
  return { simulator, answers, pull }
}
const field = (field_label: string, field_answer: string) => ({ field_id: 1, field_label, field_answer })
const asked = {
  created: '2026-11-23 17:40:00',
  question: 'Is it <b>open</b>?',
  owner: 'sam@alder.example',
  custom_fields: [],
}

describe('a transaction', () => {
  test('is a question with its READ level, class and medium, and a library’s own fields by their labels', async () => {
    const { simulator, pull } = await tenant()
    simulator.tally({
      ...asked,
      internal_note: 'Ada Pine, card 23529',
      custom_fields: [
        field('READ Scale', '3 - some effort'),
        field('Question Type', 'Directional'),
        field('Mode', 'Phone'),
        field('Étage', '2'),
      ],
    })
    const { facts } = await pull()
    expect(facts).toEqual([
      {
        key: 'transaction 77/90001',
        type: 'question.asked',
        source: 'answers',
        at: '2026-11-23T23:40:00.000Z',
        by: { kind: 'staff', id: 'sam@alder.example' },
        evidence: { independence: 'transaction 77/90001' },
        data: {
          medium: 'voice',
          text: 'Is it open?',
          readLevel: 3,
          transactionClass: 'directional',
          other: { Étage: '2' },
        },
      },
    ])
  })

  test('whose READ or class we do not know keeps what it says', async () => {
    const { simulator, pull } = await tenant()
    simulator.tally({ ...asked, custom_fields: [field('READ', 'n/a'), field('Type', 'Chit-chat')] })
    expect((await pull()).facts[0]?.data).toEqual({
      medium: 'desk',
      text: 'Is it open?',
      other: { READ: 'n/a', Type: 'Chit-chat' },
    })
  })

  test('of a date that is none is bad, and the others are told', async () => {
    const { simulator, pull } = await tenant()
    simulator.tally({ ...asked, created: '2026-11-23 99:00:00' })
    simulator.tally(asked)
    const { facts, bad } = await pull()
    expect([facts.length, bad]).toEqual([1, [expect.stringContaining('transaction 90001: it is no date')]])
  })
})

test('half a year is read a month at a time, each once, from the first day to this', async () => {
  const { simulator, pull } = await tenant()
  for (let day = Date.UTC(2026, 5, 1); day <= Date.UTC(2026, 10, 24); day += 86_400_000)
    simulator.tally({ ...asked, created: `${new Date(day).toISOString().slice(0, 10)} 10:05:00` })
  const { facts } = await pull()
  expect(facts.length).toBe(simulator.transactions.length)
  expect(new Set(facts.map(({ key }) => key)).size).toBe(facts.length)
})

test('what was entered late is found at the next look, for four weeks', async () => {
  const { simulator, pull } = await tenant()
  const { cursor } = await pull()
  simulator.tally({ ...asked, created: '2026-11-02 10:05:00' })
  expect((await pull(cursor, '2026-11-25')).facts.map(({ at }) => at)).toEqual(['2026-11-02T16:05:00.000Z'])
})

describe('a tally of ours', () => {
  const transaction = {
    dataset: '77',
    at: '2026-11-24T16:40:00.000Z',
    owner: 'sam@alder.example',
    question: 'Can my wife collect it?',
  }
  test('is entered with the option of a field, in UTC', async () => {
    const { simulator, answers } = await tenant()
    const [read] = await answers.ops.datasetFields('77', context())
    const one = read?.options.find(({ label }) => label === '1')?.value ?? ''
    expect(await answers.ops.record({ ...transaction, fields: { [read?.id ?? '']: one } }, context())).toBe('90001')
    expect(simulator.transactions).toMatchObject([
      {
        created: '2026-11-24 16:40:00',
        owner: 'sam@alder.example',
        custom_fields: [{ field_label: 'READ', field_answer: '1' }],
      },
    ])
  })

  test('whose answer is lost is unknown, and entered once', async () => {
    const { simulator, answers } = await tenant()
    simulator.fault('reset-after-accept')
    expect((await thrown(answers.ops.record(transaction, context()))).code).toBe('unknown')
    expect(simulator.transactions.length).toBe(1)
  })
})
