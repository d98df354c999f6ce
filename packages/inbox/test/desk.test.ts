import { messageReceived, PrmError } from '@prm/core'
import { inbox } from '@prm/inbox'
import { describe, expect, test } from 'vitest'
import { card, kim, other, phone, sam, tel, town } from './town.ts'

const why = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error) => (PrmError.is(error) ? `${error.code}: ${error.message}` : error),
  )

describe('who has it', () => {
  test('two who claim at once: one has it, the other hears who', async () => {
    const { desk, text } = await town()
    const { conversationId: id = '' } = await text('hello?')
    const both = await Promise.all([sam, kim].map((who) => why(desk.as(who).claim(id))))
    expect(both).toEqual(['done', 'conflict: It is with sam.'])
    expect((await desk.thread(id)).conversation.assignee).toBe('sam')
    await desk.as(sam).claim(id) // a double click
    expect(await why(desk.as(kim).release(id))).toBe('conflict: It is with sam.')
    await desk.as(sam).release(id)
    await desk.as(kim).claim(id)
    await desk.as(kim).assign(id, 'sam')
    expect((await desk.list({ assignee: 'sam' })).map(({ conversation }) => conversation.id)).toEqual([id])
    const { thread } = await desk.thread(id)
    expect(thread.map(({ type, by }) => `${by?.id ?? 'patron'} ${type}`)).toEqual([
      'patron message.received',
      'sam inbox.claimed',
      'sam inbox.claimed',
      'sam inbox.released',
      'kim inbox.claimed',
      'kim inbox.assigned',
    ])
  })

  test('nobody in particular claims nothing, and nobody claims what is not there', async () => {
    const { desk, text } = await town()
    const { conversationId: id = '' } = await text('hello?')
    expect(await why(desk.claim(id))).toMatch(/^invalid: Somebody must do this/)
    expect(await why(desk.as(sam).claim('nothing'))).toMatch(/^not_found/)
  })

  test('what staff did stands in the patron’s timeline, with who did it', async () => {
    const { desk, text, meet, prm } = await town()
    await meet({ at: card('1'), also: [tel(phone)] })
    const { conversationId: id = '', patronId = '' } = await text('hello?')
    await desk.as(sam).claim(id)
    await desk.as(sam).note(id, 'called back')
    const timeline: string[] = []
    for await (const { type, by } of prm.timeline(patronId)) timeline.push(`${by?.id ?? 'patron'} ${type}`)
    expect(timeline.toSorted()).toEqual(['patron message.received', 'sam inbox.claimed', 'sam inbox.noted'])
  })
})

describe('answering', () => {
  test('two who answer what they both see: one answer goes out, and the other is shown it', async () => {
    const { desk, text, sent, prm } = await town()
    const { conversationId: id = '' } = await text('hello?')
    const both = await Promise.all([sam, kim].map((who) => desk.as(who).reply(id, `from ${who.id}`, { seen: 1 })))
    await prm.settled()
    expect(sent()).toEqual(['from sam'])
    expect(both.map(({ fresh, message }) => [fresh, message?.content.text])).toEqual([
      [true, 'from sam'],
      [false, 'from sam'],
    ])
  })

  test('who has not seen an answer gives no second one; who saw it may', async () => {
    const { desk, text, sent, prm } = await town()
    const { conversationId: id = '' } = await text('hello?')
    await text('anybody?')
    await desk.as(sam).reply(id, 'Yes.', { seen: 2 })
    expect(await why(desk.as(kim).reply(id, 'No.', { seen: 1 }))).toMatch(
      /^conflict: reply: it has been answered since/,
    )
    await desk.as(kim).reply(id, 'What is it?', { seen: 3 })
    await prm.settled()
    expect(sent()).toEqual(['Yes.', 'What is it?'])
  })

  test('what the patron wrote while the answer was typed is not answered unseen', async () => {
    const { desk, text, sent, prm } = await town()
    const { conversationId: id = '' } = await text('may I keep it?')
    await text('no, wait: it is lost')
    expect(await why(desk.as(sam).reply(id, 'Yes.', { seen: 1 }))).toMatch(/^conflict: reply: the patron has written/)
    await prm.settled()
    expect([sent(), (await desk.list())[0]?.conversation.pending.length]).toEqual([[], 2])
    await desk.as(sam).claim(id) // what colleagues do meanwhile is no reason
    await desk.as(sam).reply(id, 'Then come by.', { seen: 2 })
    await prm.settled()
    expect(sent()).toEqual(['Then come by.'])
  })

  test('a text after it opens the conversation again', async () => {
    const { desk, text, prm } = await town()
    const { conversationId: id = '' } = await text('hello?')
    await desk.as(sam).reply(id, 'Yes?')
    await prm.settled()
    expect(await desk.list()).toEqual([])
    await desk.as(sam).close(id, { readLevel: 1, transactionClass: 'directional' })
    expect((await text('where are you?')).conversationId).toBe(id)
    const [row] = await desk.list()
    expect(row?.conversation.questions).toEqual([
      expect.objectContaining({
        readLevel: 1,
        transactionClass: 'directional',
        answered: expect.any(String),
        closed: expect.any(String),
      }),
      { asked: expect.any(String) },
    ])
  })
})

describe('the end of it', () => {
  test('nobody closes what they have not seen', async () => {
    const { desk, text } = await town()
    const { conversationId: id = '' } = await text('hello?')
    await text('it is urgent')
    expect(await why(desk.as(sam).close(id, { seen: 1 }))).toMatch(/^conflict: It has changed since you looked/)
    expect(await why(desk.as(sam).snooze(id, '2026-11-25T16:00:00.000Z', { seen: 1 }))).toMatch(/^conflict/)
    await desk.as(sam).close(id, { seen: 2 })
    await desk.as(sam).close(id, { seen: 2 }) // a double click
    expect(await why(desk.as(kim).close(id))).toBe('conflict: It is closed already.')
    await desk.as(kim).reopen(id)
    expect((await desk.list()).length).toBe(1)
  })

  test('a READ level is 1 to 6, and a class one of four', async () => {
    const { desk, text } = await town()
    const { conversationId: id = '' } = await text('hello?')
    expect(await why(desk.as(sam).close(id, { readLevel: 7 as 6 }))).toMatch(
      /^invalid: record: inbox.closed: readLevel/,
    )
    expect(await why(desk.as(sam).close(id, { transactionClass: 'x' as 'policy' }))).toMatch(/transactionClass/)
    expect((await desk.list()).length).toBe(1)
  })

  test('what is put off comes back at its time, and at once when the patron writes', async () => {
    const { desk, text, prm } = await town()
    const { conversationId: id = '' } = await text('hello?')
    await desk.as(sam).snooze(id, '2026-11-24T17:00:00.000Z')
    expect(await desk.list()).toEqual([])
    await prm.advance('59m')
    expect(await desk.list()).toEqual([])
    await prm.advance('1m')
    expect((await desk.list()).map(({ waits }) => waits)).toEqual(['2026-11-24T17:00:00.000Z'])
    await desk.as(sam).snooze(id, '2026-11-25T17:00:00.000Z')
    // What is no moment would never come.
    for (const until of ['tomorrow', '', '2026-11-25'])
      expect(await why(desk.as(sam).snooze(id, until))).toMatch(/^invalid: record: inbox.snoozed: until/)
    await text('hello??')
    expect((await desk.list()).length).toBe(1)
  })

  test('queues and tags', async () => {
    const { desk, text } = await town()
    const { conversationId: id = '' } = await text('hello?')
    await text('hello?', { from: other })
    await desk.as(sam).move(id, 'reference')
    await desk.as(sam).tag(id, { add: ['tools', 'east'] })
    await desk.as(sam).tag(id, { remove: ['east'], add: ['tools'] })
    const rows = await desk.list({ queue: 'reference' })
    expect(rows.map(({ conversation }) => [conversation.id, conversation.tags])).toEqual([[id, ['tools']]])
    expect(await desk.list()).toHaveLength(2)
  })

  test('a task is a conversation of the library’s own, made once', async () => {
    const { desk, prm } = await town()
    const task = { key: 'renewal 17', subject: 'Koha was down at a renewal', context: { loan: '17' } }
    const [one, two] = await Promise.all([desk.as(sam).task(task), desk.as(sam).task(task)])
    expect(one).toBe(two)
    expect((await desk.list({ queue: 'tasks' })).map(({ conversation }) => conversation)).toEqual([
      expect.objectContaining({ source: 'prm', queue: 'tasks', subject: task.subject, context: { loan: '17' } }),
    ])
    await prm.advance('200d') // and is not done because time passes
    await prm.applyRetention()
    expect((await desk.list()).length).toBe(1)
    expect(await why(desk.as(sam).reply(one, 'x'))).toMatch(/^invalid: reply: nothing can be sent by "prm"/)
    await desk.as(sam).close(one)
    expect(await desk.list()).toEqual([])
  })
})

describe('two that are one, one that is two', () => {
  test('what is merged goes on in the other, also what the patron writes then; and comes out again', async () => {
    const { desk, text, prm, sent } = await town()
    const { conversationId: first = '' } = await text('from my phone')
    const { conversationId: second = '' } = await text('from my other phone', { from: other })
    await desk.as(sam).merge(second, first)
    await desk.as(sam).merge(second, first)
    expect((await desk.list()).map(({ conversation }) => conversation.id)).toEqual([first])
    await prm.advance('1m')
    const next = await text('and again from there', { from: other })
    expect(next.conversationId).toBe(first)
    const said = async (id: string) =>
      (await desk.thread(id)).thread.flatMap(({ type, data }) =>
        type === 'message.received' ? [(data as { content: { text: string } }).content.text] : [],
      )
    expect(await said(first)).toEqual(['from my phone', 'from my other phone', 'and again from there'])
    // The answer goes where the last text came from.
    await desk.as(sam).reply(first, 'Hello.')
    await prm.settled()
    expect([sent(phone), sent(other)]).toEqual([[], ['Hello.']])
    await desk.as(sam).unmerge(second)
    expect(await said(first)).toEqual(['from my phone', 'and again from there'])
    expect(await said(second)).toEqual(['from my other phone'])
    expect((await text('once more', { from: other })).conversationId).toBe(second)
  })

  test('what was merged is acted on where it goes on, and nowhere else', async () => {
    const { desk, text } = await town()
    const { conversationId: first = '' } = await text('from my phone')
    const { conversationId: second = '' } = await text('from my other phone', { from: other })
    const mine = desk.as(sam)
    await mine.merge(second, first)
    for (const work of [
      () => mine.reopen(second),
      () => mine.snooze(second, '2026-11-24T17:00:00.000Z'),
      () => mine.claim(second),
      () => mine.move(second, 'reference'),
      () => mine.split(second, []),
    ])
      expect(await why(work())).toBe(`conflict: It was merged: it goes on in ${first}.`)
    expect((await desk.list()).map(({ conversation }) => conversation.id)).toEqual([first])
    await mine.note(second, 'a note about it is kept')
    await mine.unmerge(second)
    await mine.claim(second)
  })

  test('two who merge one into different ones at once: it goes on in one, and shows in no other', async () => {
    const { desk, text } = await town()
    const { conversationId: a = '' } = await text('a', { from: '+12125550001' })
    const { conversationId: b = '' } = await text('b', { from: '+12125550002' })
    const { conversationId: c = '' } = await text('c', { from: '+12125550003' })
    const all = await Promise.all([why(desk.as(sam).merge(a, b)), why(desk.as(kim).merge(a, c))])
    expect(all.toSorted()).toEqual([expect.stringMatching(/^conflict: It was merged/), 'done'])
    const texts = async (id: string) =>
      (await desk.thread(id)).thread.filter(({ type }) => type === 'message.received').length
    expect([await texts(b), await texts(c)].toSorted()).toEqual([1, 2])
    const pending = (await desk.list()).map(({ conversation }) => conversation.pending.length)
    expect(pending.toSorted()).toEqual([1, 2])
    // Later it is refused too, and leaves nothing behind.
    const { into = '' } = (await desk.thread(a)).conversation
    const not = into === b ? c : b
    expect(await why(desk.as(sam).merge(a, not))).toMatch(/^conflict: It was merged/)
    expect(await texts(not)).toBe(1)
  })

  test('what was merged on with the other is taken out of that first', async () => {
    const { desk, text } = await town()
    const { conversationId: a = '' } = await text('a', { from: '+12125550001' })
    const { conversationId: b = '' } = await text('b', { from: '+12125550002' })
    const { conversationId: c = '' } = await text('c', { from: '+12125550003' })
    const mine = desk.as(sam)
    await mine.merge(a, b)
    await mine.merge(b, c)
    expect((await desk.list()).map(({ conversation }) => conversation.pending.length)).toEqual([3])
    expect(await why(mine.unmerge(a))).toBe(`conflict: It was merged: it goes on in ${c}.`)
    await mine.unmerge(b)
    await mine.unmerge(a)
    const rows = (await desk.list()).map(({ conversation }) => [conversation.id, conversation.pending.length])
    expect(rows.toSorted()).toEqual(
      [
        [a, 1],
        [b, 1],
        [c, 1],
      ].toSorted(),
    )
  })

  test('a text is split off once', async () => {
    const { desk, text } = await town()
    const { conversationId: id = '' } = await text('can my wife collect it?')
    const { source, key } = await text('do you lend tools?')
    await desk.as(sam).split(id, [{ source, key }])
    expect(await why(desk.as(kim).split(id, [{ source, key }]))).toMatch(/^invalid: split/)
    expect(await desk.list()).toHaveLength(2)
  })

  test('whoever is erased is gone from what they were merged into', async () => {
    const { desk, text, prm, sent } = await town()
    const { conversationId: first = '' } = await text('from my phone')
    const { conversationId: second = '' } = await text('rutabagas', { from: other })
    await desk.as(sam).merge(second, first)
    await text('rutabagas again', { from: other })
    await prm.erase(tel(other))
    const rows: unknown[] = []
    for await (const row of prm.export()) rows.push(row)
    expect(JSON.stringify(rows)).not.toMatch(/rutabagas|…0144|5550144/)
    const [row] = await desk.list()
    expect([row?.conversation.id, row?.conversation.pending.length]).toEqual([first, 1])
    await desk.as(sam).reply(first, 'Hello.')
    await prm.settled()
    expect([sent(phone), sent(other)]).toEqual([['Hello.'], []])
  })

  test('what waits in one that is merged waits in the other, and goes back with it', async () => {
    const { desk, text, prm } = await town()
    const { conversationId: first = '' } = await text('hello?')
    await desk.as(sam).reply(first, 'Yes.')
    await prm.settled()
    const { conversationId: second = '' } = await text('tools?', { from: other })
    const { turn: seen } = (await desk.thread(first)).conversation
    await desk.as(sam).merge(second, first)
    // Who had not seen it does not answer it.
    expect(await why(desk.as(kim).reply(first, 'Come by.', { seen }))).toMatch(
      /^conflict: reply: the patron has written/,
    )
    expect((await desk.list()).map(({ conversation }) => [conversation.id, conversation.pending.length])).toEqual([
      [first, 1],
    ])
    await desk.as(sam).unmerge(second)
    expect((await desk.list()).map(({ conversation }) => [conversation.id, conversation.pending.length])).toEqual([
      [second, 1],
    ])
  })

  test('texts split off are a conversation of their own, answered there; merged, they are back', async () => {
    const { desk, text, prm, sent } = await town()
    const { conversationId: id = '' } = await text('can my wife collect it?')
    const second = await text('do you lend tools?')
    const part = await desk.as(sam).split(id, [{ source: second.source, key: second.key }])
    const texts = async (of: string) => (await desk.thread(of)).thread.filter(({ type }) => type === 'message.received')
    expect([(await texts(id)).length, (await texts(part)).map(({ key }) => key)]).toEqual([1, [second.key]])
    expect((await desk.list()).map(({ conversation }) => conversation.pending.length)).toEqual([1, 1])
    await desk.as(sam).reply(part, 'Yes, drills.')
    await prm.settled()
    expect(sent()).toEqual(['Yes, drills.'])
    expect((await desk.list()).map(({ conversation }) => conversation.id)).toEqual([id])
    expect((await text('which ones?')).conversationId).toBe(part) // it answers what was said there
    await desk.as(sam).merge(part, id)
    expect((await texts(id)).length).toBe(3)
    expect(await why(desk.as(sam).split(id, [{ source: 'sms', key: 'none' }]))).toMatch(/^invalid: split/)
  })
})

describe('which of several', () => {
  const waiting = async () => {
    const all = await town()
    const { prm, desk, meet, hold } = all
    const heard: string[] = []
    prm.flow('free text', messageReceived, async ({ event, prm }) => {
      heard.push(await inbox(prm, { purpose: 'answer' }).receive(event))
    })
    await meet({ at: card('1'), also: [tel(phone)] })
    await hold('17', '1')
    await hold('18', '1', { branch: 'EAST' })
    return { ...all, desk, heard }
  }

  test('with one open matter nobody is asked', async () => {
    const { text, prm, heard, sent } = await waiting()
    await prm.record([
      {
        source: 'koha',
        key: 'out 18',
        type: 'notice',
        data: { kind: 'check-out', subjectKey: 'hold:koha:18', items: [] },
      },
    ])
    await text('can my wife collect it?')
    expect([heard, sent().length]).toEqual([['waits'], 2])
  })

  test('with two the patron is asked once, and the number says which', async () => {
    const { text, desk, heard, sent } = await waiting()
    const { conversationId: id = '' } = await text('can my wife collect it?')
    expect(sent().slice(2)).toEqual([
      'Which is this about? 1) the hold that is ready at EAST, until Nov 30 2) the hold that is ready at MAIN, until Nov 30. Reply 1 or 2.',
    ])
    await text(' 2. ')
    expect(heard).toEqual(['asked', 'bound'])
    const { conversation } = await desk.thread(id)
    expect(conversation.context).toMatchObject({ notice: { source: 'koha', key: 'hold-ready 17' }, branch: 'MAIN' })
    expect(conversation.context.matters).toBeUndefined()
    expect([conversation.state, conversation.pending.length]).toEqual(['open', 1]) // the question itself waits
    expect(sent()).toHaveLength(3)
  })

  test.each(['3', 'both', '1 or 2', 'the one at MAIN'])(
    '“%s” is no number of the list: staff see it, and nobody is asked again',
    async (words) => {
      const { text, desk, heard, sent } = await waiting()
      const { conversationId: id = '' } = await text('can my wife collect it?')
      await text(words)
      await text('hello?')
      expect([heard, sent().length]).toEqual([['asked', 'waits', 'waits'], 3])
      expect((await desk.thread(id)).conversation).toMatchObject({ state: 'open', pending: { length: 3 } })
    },
  )
})

describe('measures', () => {
  test('count from the patron’s word, with what is still open until now, and without what a machine answered', async () => {
    const { desk, text, prm } = await town()
    const flow = prm.as({ kind: 'flow', id: 'keywords' })
    const minutes = (n: number) => n * 60_000
    const { conversationId: a = '' } = await text('a', { from: '+12125550001' })
    const { conversationId: b = '' } = await text('b', { from: '+12125550002' })
    const { conversationId: c = '' } = await text('HOURS', { from: '+12125550003' })
    await flow.reply(c, { text: 'Nine.' }, { key: 'k', purpose: 'answer' })
    await desk.as(sam).move(b, 'reference')
    await prm.advance('10m')
    await desk.as(sam).reply(a, 'Yes.')
    await prm.advance('10m')
    await desk.as(sam).close(a, { readLevel: 3, transactionClass: 'reference' })
    await prm.advance('40m')
    const all = { since: '2026-11-24T00:00:00.000Z', until: '2026-11-25T00:00:00.000Z' }
    expect(await desk.measures(all)).toEqual({
      questions: 3,
      automatic: 1,
      firstResponse: { n: 2, open: 1, p50: minutes(10), p90: minutes(60) },
      turnaround: { n: 2, open: 1, p50: minutes(20), p90: minutes(60) },
      readLevels: { 3: 1 },
      transactionClasses: { reference: 1 },
      queues: [{ queue: 'reference', open: 1, oldestMs: minutes(60) }],
    })
    expect((await desk.measures({ ...all, until: '2026-11-24T16:00:00.000Z' })).questions).toBe(0)
  })

  const all = { since: '2026-11-24T00:00:00.000Z', until: '2026-11-25T00:00:00.000Z' }
  const hours = (n: number) => n * 3_600_000

  test('a wait does not become shorter by merging, nor by taking it back', async () => {
    const { desk, text, prm } = await town()
    const mine = desk.as(sam)
    const { conversationId: first = '' } = await text('from my phone')
    await prm.advance('1h')
    const { conversationId: second = '' } = await text('from my other phone', { from: other })
    await prm.advance('1h')
    const waits = async () =>
      (await desk.list()).map(({ conversation, waits }) => [conversation.id, waits.slice(11, 16)])
    await mine.merge(first, second)
    expect(await waits()).toEqual([[second, '16:00']])
    const asOne = await desk.measures(all)
    expect(asOne).toMatchObject({ questions: 1, automatic: 0, firstResponse: { n: 1, open: 1, p50: hours(2) } })
    await mine.unmerge(first)
    expect(await waits()).toEqual([
      [first, '16:00'],
      [second, '16:00'], // as long as it stood for both
    ])
    await prm.advance('1h')
    await mine.reply(first, 'Yes.')
    await mine.close(first)
    const { questions, automatic, firstResponse } = await desk.measures(all)
    expect({ questions, automatic, firstResponse }).toEqual({
      questions: 2,
      automatic: 0,
      firstResponse: { n: 2, open: 1, p50: hours(3), p90: hours(3) },
    })
  })

  test('what was closed and got another’s question is closed again when that is taken out', async () => {
    const { desk, text, prm } = await town()
    const mine = desk.as(sam)
    const { conversationId: first = '' } = await text('hello?')
    await mine.reply(first, 'Hello.')
    await mine.close(first)
    await prm.advance('1h')
    const { conversationId: second = '' } = await text('tools?', { from: other })
    await prm.advance('1h')
    await mine.merge(second, first)
    expect((await desk.list()).map(({ waits }) => waits)).toEqual(['2026-11-24T17:00:00.000Z'])
    expect((await desk.thread(first)).conversation.questions).toHaveLength(2)
    await mine.unmerge(second)
    expect((await desk.thread(first)).conversation).toMatchObject({ state: 'closed', questions: { length: 1 } })
    expect((await desk.list()).map(({ conversation, waits }) => [conversation.id, waits.slice(11, 16)])).toEqual([
      [second, '17:00'],
    ])
    expect(await desk.measures(all)).toMatchObject({ questions: 2, automatic: 0 })
  })

  test('one that was answered and then merged keeps its answer', async () => {
    const { desk, text, prm } = await town()
    const mine = desk.as(sam)
    const { conversationId: first = '' } = await text('hello?')
    const { conversationId: second = '' } = await text('tools?', { from: other })
    await prm.advance('1h')
    await mine.reply(second, 'Yes.')
    await mine.merge(second, first)
    await prm.advance('1h')
    const { firstResponse, turnaround, automatic } = await desk.measures(all)
    expect([firstResponse.p50, firstResponse.p90, turnaround.open, automatic]).toEqual([hours(1), hours(2), 1, 0])
    await mine.unmerge(second)
    expect((await desk.thread(second)).conversation).toMatchObject({ state: 'closed', questions: { length: 1 } })
  })

  test('texts that are split off have waited since they came', async () => {
    const { desk, text, prm } = await town()
    const { conversationId: id = '' } = await text('can my wife collect it?')
    await prm.advance('1h')
    const { source, key } = await text('do you lend tools?')
    await prm.advance('1h')
    const part = await desk.as(sam).split(id, [{ source, key }])
    const rows = (await desk.list()).map(({ conversation, waits }) => [conversation.id, waits.slice(11, 16)])
    expect(rows).toEqual([
      [id, '16:00'],
      [part, '17:00'],
    ])
    expect((await desk.measures(all)).firstResponse).toEqual({ n: 2, open: 2, p50: hours(1), p90: hours(2) })
  })
})
