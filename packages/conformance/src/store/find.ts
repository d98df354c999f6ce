import assert from 'node:assert/strict'
import { type Address, type Conversation, type Kind, PrmError, type Query, type Ref } from '@prm/core/adapter'
import { at, type Check, collect, decision, fact, flowRun, later, message, puts } from './place.ts'

const tel = (value: string): Address => ({ scheme: 'tel', value })
const card = (value: string, realm: string): Address => ({ scheme: 'ils', value, realm })

/** Questions are answered by an index, or refused. */
export function findChecks(check: Check): void {
  check('store/find-patron: a patron is found by each address it has now, and by none it had', async (place) => {
    const main = place.open().scope('main')
    const patron = (id: string, ...identities: Address[]) =>
      puts({ kind: 'patron', value: { id, identities: identities.map((a) => ({ ...a, seenBy: 'koha', seenAt: at })) } })
    const who = async (address: Address) => (await collect(main.find('patron', { address }))).map(({ id }) => id).sort()
    await main.commit([
      patron('p1', tel('+1'), card('7', 'koha/card')),
      patron('p2', tel('+1'), card('7', 'polaris/card')),
    ])
    assert.deepEqual(await who(tel('+1')), ['p1', 'p2'])
    assert.deepEqual(await who(card('7', 'koha/card')), ['p1'])
    assert.deepEqual(await who({ scheme: 'ils', value: '7' }), [])
    await main.commit([patron('p1', tel('+2'), card('7', 'koha/card'))])
    assert.deepEqual(await who(tel('+1')), ['p2'])
    assert.deepEqual(await who(tel('+2')), ['p1'])
    assert.deepEqual(await who(card('7', 'koha/card')), ['p1'])
  })

  check('store/find-relation: a patron by whom they are related to, as long as they are', async (place) => {
    const main = place.open().scope('main')
    const child = (relations: { kind: 'guardian'; patronId: string }[]) =>
      puts({ kind: 'patron', value: { id: 'child', identities: [], relations } })
    const ids = async (value: string) =>
      (await collect(main.find('patron', { address: { scheme: 'relation', value } }))).map(({ id }) => id)
    await main.commit([child([{ kind: 'guardian', patronId: 'p' }])])
    assert.deepEqual([await ids('p'), await ids('child')], [['child'], []])
    await main.commit([child([])])
    assert.deepEqual(await ids('p'), [])
  })

  check('store/find-consent: by its address, with or without a realm, and not by another', async (place) => {
    const main = place.open().scope('main')
    const consent = (id: string, address: Address) =>
      puts({ kind: 'consent', value: { id, address, purpose: '*', state: 'denied', basis: 'stop', at, by: 'twilio' } })
    await main.commit([consent('a', tel('+1')), consent('b', { ...tel('+1'), realm: 'x' }), consent('c', tel('+2'))])
    const ids = async (address: Address) => (await collect(main.find('consent', { address }))).map(({ id }) => id)
    assert.deepEqual(await ids(tel('+1')), ['a', 'b'])
    assert.deepEqual(await ids({ ...tel('+1'), realm: 'y' }), ['a'])
  })

  check(
    'store/find-decision: by what it is about, by every send it decides, and by none it no longer does',
    async (place) => {
      const main = place.open().scope('main')
      const about = [1, 2].map((n) => ({ source: 'koha', key: `hold ${n}` }))
      await main.commit([puts({ kind: 'decision', value: decision('s1', { keys: ['s1', 's2'], about }) })])
      const keys = async (source: string, key: string) =>
        (await collect(main.find('decision', { about: { source, key } }))).map((found) => found.key)
      for (const key of ['hold 1', 'hold 2']) assert.deepEqual(await keys('koha', key), ['s1'])
      for (const key of ['s1', 's2']) assert.deepEqual(await keys('prm', key), ['s1'])
      assert.deepEqual(await keys('koha', 's1'), [])
      await main.commit([puts({ kind: 'decision', value: decision('s1', { about: about.slice(1) }) })])
      assert.deepEqual(await keys('koha', 'hold 1'), [])
      assert.deepEqual(await keys('koha', 'hold 2'), ['s1'])
      assert.deepEqual(await keys('prm', 's2'), [])
      assert.deepEqual(await keys('prm', 's1'), ['s1'])
    },
  )

  check('store/find-told: a decision by patron, by who is told, and by an address of nobody', async (place) => {
    const main = place.open().scope('main')
    const addresses = [{ scheme: 'tel', value: '+1' }]
    await main.commit([
      puts(
        { kind: 'decision', value: decision('known', { patronId: 'p', inputs: { shared: '', own: { addresses } } }) },
        { kind: 'decision', value: decision('guardian', { patronId: 'p', recipient: 'g' }) },
        { kind: 'decision', value: decision('nobody', { inputs: { shared: '', own: { addresses } } }) },
      ),
    ])
    const keys = async (query: Query) => (await collect(main.find('decision', query))).map(({ key }) => key)
    assert.deepEqual(await keys({ patronId: 'p' }), ['known', 'guardian'])
    assert.deepEqual(await keys({ about: { source: 'told', key: 'g' } }), ['guardian'])
    assert.deepEqual(await keys({ about: { source: 'at', key: 'tel:+1' } }), ['nobody'])
  })

  check('store/find-fact: a fact is found by patron, about, matter and type', async (place) => {
    const main = place.open().scope('main')
    const reply = fact('r', {
      type: 'message.received',
      patronId: 'p',
      about: { source: 'prm', key: 'm' },
      data: { subjectKey: 'hold:1' },
    })
    await main.commit([
      puts(
        { kind: 'interaction', value: reply },
        { kind: 'interaction', value: fact('x', { data: { subjectKey: 1 } }) },
      ),
    ])
    const questions: Query[] = [
      { patronId: 'p' },
      { about: { source: 'prm', key: 'm' } },
      { subjectKey: 'hold:1' },
      { type: reply.type },
    ]
    for (const query of questions) assert.deepEqual(await collect(main.find('interaction', query)), [reply])
  })

  check('store/find-who: a fact by the address of who it came from, with or without a realm', async (place) => {
    const main = place.open().scope('main')
    const from = (key: string, who?: Address) => puts({ kind: 'interaction', value: fact(key, who ? { who } : {}) })
    await main.commit([from('a', tel('+1')), from('b', { ...tel('+1'), realm: 'x' }), from('c', tel('+2')), from('d')])
    const keys = async (address: Address) =>
      (await collect(main.find('interaction', { address }))).map(({ key }) => key)
    assert.deepEqual(await keys(tel('+1')), ['a', 'b'])
    assert.deepEqual(await keys({ ...tel('+1'), realm: 'y' }), ['a'])
    await main.commit([from('a', tel('+2'))])
    assert.deepEqual(await keys(tel('+1')), ['b'])
  })

  check(
    'store/find-conversation: by state, address and patron as they are now, oldest in its state first',
    async (place) => {
      const main = place.open().scope('main')
      const one = (id: string, more: Partial<Conversation> = {}) => {
        const value: Conversation = {
          id,
          source: 'sms',
          state: 'open',
          since: at,
          turn: 1,
          tags: [],
          pending: [],
          questions: [],
          context: {},
          ...more,
        }
        return { kind: 'conversation', value } as const
      }
      const ids = async (query: Query) => (await collect(main.find('conversation', query))).map(({ id }) => id)
      await main.commit([
        puts(
          one('c2', { since: later(2), who: tel('+1') }),
          one('c1', { since: later(1), patronId: 'p', who: tel('+2') }),
        ),
      ])
      assert.deepEqual(await ids({ state: 'open' }), ['c1', 'c2'])
      assert.deepEqual(await ids({ state: 'open', since: later(2) }), ['c2'])
      assert.deepEqual(await ids({ address: tel('+1') }), ['c2'])
      assert.deepEqual(await ids({ patronId: 'p' }), ['c1'])
      await main.commit([puts(one('c1', { since: later(3), state: 'closed', who: tel('+1') }))])
      assert.deepEqual(await ids({ state: 'open' }), ['c2'])
      assert.deepEqual(await ids({ address: tel('+1'), order: 'newest' }), ['c1', 'c2'])
      assert.deepEqual([await ids({ address: tel('+2') }), await ids({ patronId: 'p' })], [[], []])
      await main.commit([{ delete: [{ kind: 'conversation', id: 'c1' }] }])
      assert.deepEqual(await ids({ address: tel('+1') }), ['c2'])
    },
  )

  check('store/find-of-conversation: its facts and messages', async (place) => {
    const main = place.open().scope('main')
    await main.commit([
      puts(
        { kind: 'interaction', value: fact('a', { conversationId: 'c' }) },
        { kind: 'interaction', value: fact('b', { conversationId: 'other' }) },
        { kind: 'interaction', value: fact('d') },
        { kind: 'message', value: message('m', { conversationId: 'c' }) },
        { kind: 'message', value: message('n') },
      ),
    ])
    const keys = async (kind: 'interaction' | 'message') =>
      (await collect(main.find(kind, { conversationId: 'c' }))).map(({ key }) => key)
    assert.deepEqual([await keys('interaction'), await keys('message')], [['a'], ['m']])
    await main.commit([puts({ kind: 'interaction', value: fact('a') })])
    assert.deepEqual(await keys('interaction'), [])
  })

  check('store/find-run: a flow run by each thing it waits for now, by patron and by address', async (place) => {
    const main = place.open().scope('main')
    const ids = async (query: Query) => (await collect(main.find('run', query))).map(({ id }) => id)
    await main.commit([
      puts(
        { kind: 'run', value: flowRun('r1', { waits: ['reply +1', 'hold 1'], patronId: 'p', who: tel('+1') }) },
        { kind: 'run', value: flowRun('r2', { waits: ['reply +1'] }) },
      ),
    ])
    assert.deepEqual(await ids({ wait: 'reply +1' }), ['r1', 'r2'])
    assert.deepEqual(await ids({ wait: 'hold 1' }), ['r1'])
    assert.deepEqual(await ids({ patronId: 'p' }), ['r1'])
    assert.deepEqual(await ids({ address: tel('+1') }), ['r1'])
    assert.deepEqual(await ids({}), ['r1', 'r2'])
    await main.commit([puts({ kind: 'run', value: flowRun('r1', { waits: ['hold 1'] }) })])
    assert.deepEqual(await ids({ wait: 'reply +1' }), ['r2'])
    assert.deepEqual(await ids({ wait: 'hold 1' }), ['r1'])
    assert.deepEqual(await ids({ patronId: 'p' }), [])
  })

  check('store/find-others: audits, outcomes and digests are found by time, audits also by patron', async (place) => {
    const main = place.open().scope('main')
    const by = { kind: 'staff', id: 's' } as const
    await main.commit([
      puts(
        { kind: 'audit', value: { id: 'a2', at: later(2), by, action: 'search' } },
        { kind: 'audit', value: { id: 'a1', at: later(1), by, action: 'timeline', patronId: 'p' } },
        { kind: 'outcome', value: { id: 'o2', about: { source: 'koha', key: '2' }, at: later(2) } },
        { kind: 'outcome', value: { id: 'o1', about: { source: 'koha', key: '1' }, at: later(1) } },
        { kind: 'digest', value: { id: 'd', sends: [] } },
      ),
    ])
    const ids = async (kind: 'audit' | 'outcome' | 'digest', query: Query) =>
      (await collect(main.find(kind, query))).map(({ id }) => id)
    assert.deepEqual(await ids('audit', {}), ['a1', 'a2'])
    assert.deepEqual(await ids('audit', { patronId: 'p' }), ['a1'])
    assert.deepEqual(await ids('outcome', {}), ['o1', 'o2'])
    assert.deepEqual(await ids('outcome', { since: later(2) }), ['o2'])
    assert.deepEqual(await ids('digest', {}), ['d'])
  })

  check('store/types: the types of the facts there are, each once, in order', async (place) => {
    const main = place.open().scope('main')
    assert.deepEqual(await main.types(), [])
    const types = ['notice', 'message.received', 'notice', 'loan.due', 'é']
    await main.commit(types.map((type, i) => puts({ kind: 'interaction', value: fact(`${i}`, { type }) })))
    assert.deepEqual(await main.types(), ['loan.due', 'message.received', 'notice', 'é'])
    await main.commit([{ delete: [{ kind: 'interaction', id: 'koha 3' }] }])
    assert.deepEqual(await main.types(), ['message.received', 'notice', 'é'])
  })

  check('store/find-message: by address, provider id, patron and state as they are now', async (place) => {
    const main = place.open().scope('main')
    await main.commit([puts({ kind: 'message', value: message('m', { patronId: 'p' }) })])
    const keys = async (query: Query) => (await collect(main.find('message', query))).map(({ key }) => key)
    for (const query of [{ address: message('m').to }, { patronId: 'p' }, { state: 'planned' }, {}]) {
      assert.deepEqual(await keys(query), ['m'])
    }
    assert.deepEqual(await keys({ providerId: 'SM1' }), [])
    await main.commit([
      puts({ kind: 'message', value: message('m', { patronId: 'p', state: 'sent', providerId: 'SM1' }) }),
    ])
    assert.deepEqual(await keys({ state: 'planned' }), [])
    for (const query of [{ state: 'sent' }, { providerId: 'SM1' }]) assert.deepEqual(await keys(query), ['m'])
  })

  check(
    'store/find-bounds: since and until bound the stored time; a message has the time of its decision',
    async (place) => {
      const main = place.open().scope('main')
      const times = [0, 1, 2, 3].map((n) => later(n * 1_000))
      await main.commit(
        times.map((time, i) =>
          puts(
            { kind: 'interaction', value: fact(`${i}`, { seen: time, patronId: 'p' }) },
            { kind: 'decision', value: decision(`${i}`, { at: time }) },
            { kind: 'message', value: message(`${i}`, { notBefore: later(9_999_000) }) },
          ),
        ),
      )
      const bounds = { since: times[1] as string, until: times[3] as string }
      for (const [kind, query] of [
        ['interaction', { patronId: 'p' }],
        ['decision', {}],
        ['message', {}],
      ] as const) {
        const keys = async (more: Query) =>
          (await collect(main.find(kind, { ...query, ...bounds, ...more }))).map(({ key }) => key)
        assert.deepEqual(await keys({}), ['1', '2'])
        assert.deepEqual(await keys({ order: 'newest' }), ['2', '1'])
        assert.deepEqual(await keys({ order: 'newest', limit: 1 }), ['2'])
      }
    },
  )

  check(
    'store/find-order: what shares a time comes as it was inserted, page after page, while others write',
    async (place) => {
      const store = place.open()
      const main = store.scope('main')
      const keys = Array.from({ length: 1_234 }, (_, i) => `k${i}`)
      await main.commit(keys.map((key) => puts({ kind: 'decision', value: decision(key) })))
      const seen: string[] = []
      for await (const { key } of main.find('decision', {})) {
        seen.push(key)
        if (seen.length % 100 === 0)
          await main.commit([puts({ kind: 'decision', value: decision(`new ${key}`, { at: later(-1) }) })])
      }
      assert.deepEqual(seen, keys)
      const newest = await collect(main.find('decision', { order: 'newest', since: at, limit: 777 }))
      assert.deepEqual(
        newest.map(({ key }) => key),
        keys.toReversed().slice(0, 777),
      )
      assert.equal((await collect(main.find('decision', { limit: 0 }))).length, 0)
    },
  )

  check('store/find-about: what is about one fact comes in its order, be it little, a page or more', async (place) => {
    const main = place.open().scope('main')
    for (const count of [3, 50, 51, 130]) {
      const about = [{ source: 'koha', key: `one of ${count}` }]
      const keys = Array.from({ length: count }, (_, i) => `${count} ${i}`)
      // Inserted in another order than they come in.
      const when = (i: number) => later(((i * 7) % count) * 1_000)
      await main.commit(keys.map((key, i) => puts({ kind: 'decision', value: decision(key, { about, at: when(i) }) })))
      const sorted = keys.toSorted((a, b) => (when(keys.indexOf(a)) < when(keys.indexOf(b)) ? -1 : 1))
      const found = async (more: Query) =>
        (await collect(main.find('decision', { about: about[0] as Ref, ...more }))).map(({ key }) => key)
      assert.deepEqual(await found({}), sorted)
      assert.deepEqual(await found({ order: 'newest' }), sorted.toReversed())
      assert.deepEqual(await found({ order: 'newest', limit: 2 }), sorted.toReversed().slice(0, 2))
      assert.deepEqual(await found({ since: later(1_000), until: later(3_000) }), sorted.slice(1, 3))
      assert.deepEqual(await found({ limit: 0 }), [])
    }
  })

  const refused: [Kind, Query, string][] = [
    ['patron', {}, 'patron cannot be asked for by nothing'],
    ['patron', { patronId: 'p' }, '`patronId`'],
    ['consent', { type: 'x' }, '`type`'],
    ['interaction', {}, 'nothing'],
    ['interaction', { state: 'x' }, '`state`'],
    ['interaction', { patronId: 'p', type: 'x' }, '`patronId` and `type`'],
    ['decision', { address: tel('+1') }, '`address`'],
    ['message', { about: { source: 'a', key: 'b' } }, '`about`'],
    ['digest', { patronId: 'p' }, '`patronId`'],
    ['run', { type: 'x' }, '`type`'],
    ['audit', { address: tel('+1') }, '`address`'],
    ['conversation', {}, 'nothing'],
    ['outcome', { patronId: 'p' }, '`patronId`'],
    ['sender', {}, 'only by id'],
    ['claim', {}, 'only by id'],
    ['cursor', { type: 'x' }, 'only by id'],
    ['shared', {}, 'only by id'],
  ]
  for (const [kind, query, says] of refused) {
    check(
      `store/find-unsupported: ${kind} by ${Object.keys(query).join(' and ') || 'nothing'} is refused, naming the fields`,
      async (place) => {
        const main = place.open().scope('main')
        await assert.rejects(collect(main.find(kind, query)), (error) => {
          assert.ok(PrmError.is(error))
          assert.equal(error.code, 'unsupported')
          assert.ok(error.message.includes(says), error.message)
          return true
        })
      },
    )
  }
}
