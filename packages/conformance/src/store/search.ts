import assert from 'node:assert/strict'
import type { Put, Scope } from '@prm/core/adapter'
import { type Check, collect, fact, later, puts } from './place.ts'

const said = (key: string, text?: string, seen = later(0)): Put => ({
  kind: 'interaction',
  value: fact(key, { seen }),
  ...(text === undefined ? {} : { text }),
})
const found = async (scope: Scope, text: string, query?: Parameters<Scope['search']>[1]): Promise<string[]> =>
  (await collect(scope.search(text, query))).map(({ key }) => key)

/** Full text over what was put with `text`. */
export function searchChecks(check: Check): void {
  check('store/search-words: every word must be there, or begin one, whatever its case and accents', async (place) => {
    const main = place.open().scope('main')
    await main.commit([
      puts(
        said('a', 'Où est le Café Central, s’il vous plaît?'),
        said('b', 'The café closes at 5 pm'),
        said('c', 'O’Brien renewed 2 books: Übung, STRASSE-Karte'),
      ),
    ])
    for (const [text, keys] of [
      ['cafe', ['b', 'a']],
      ['CAFÉ', ['b', 'a']],
      ['cafe\u0301 cen', ['a']],
      ['caf clos', ['b']],
      ['cafe central closes', []],
      ['afé', []],
      ['ubung', ['c']],
      ["o'brien", ['c']],
      ['strasse-karte', ['c']],
      ['5', ['b']],
    ] as const) {
      assert.deepEqual(await found(main, text), keys, text)
    }
  })

  check('store/search-typed: what a person types is never the language of the index', async (place) => {
    const main = place.open().scope('main')
    await main.commit([puts(said('a', 'renew AND return NEAR the desk'), said('b', 'return'))])
    const nothing = [
      '',
      ' ',
      '"',
      '""',
      '*',
      '-',
      '📚',
      '(',
      "'; drop table interaction --",
      '\0',
      '\uD800',
      'text:return x',
    ]
    for (const text of nothing) assert.deepEqual(await found(main, text), [], text)
    for (const text of [
      'renew AND return',
      'NEAR(return desk)',
      '"renew',
      'return*',
      'desk OR',
      '^renew',
      '-renew',
      'NOT return AND',
      'renew\0desk',
      'desk 📚',
    ]) {
      assert.deepEqual(
        await found(main, text),
        text.includes('NOT') || text.includes(' OR') ? [] : text === 'return*' ? ['b', 'a'] : ['a'],
        text,
      )
    }
    const many = Array.from({ length: 3_000 }, (_, i) => `w${i}`)
    assert.deepEqual(await found(main, many.join(' ')), [])
    await main.commit([puts(said('many', many.join(' ')))])
    assert.deepEqual(await found(main, many.join(' ')), ['many'])
  })

  check('store/search-current: a fact is found by the text it was last put with, or by none', async (place) => {
    const main = place.open().scope('main')
    await main.commit([puts(said('a', 'first'))])
    await main.commit([puts(said('a', 'second'))])
    assert.deepEqual([await found(main, 'first'), await found(main, 'second')], [[], ['a']])
    await main.commit([puts(said('a'))])
    assert.deepEqual(await found(main, 'second'), [])
    await main.commit([puts(said('a', 'third'))])
    await main.commit([{ delete: [{ kind: 'interaction', id: 'koha a' }] }])
    assert.deepEqual(await found(main, 'third'), [])
    // A new row in the place of the old.
    await main.commit([puts(said('b'))])
    assert.deepEqual(await found(main, 'third'), [])
  })

  check(
    'store/search-text-only: only the text is searched: not what the row says, nor a text that another kind was put with',
    async (place) => {
      const main = place.open().scope('main')
      await main.commit([
        puts(
          { kind: 'interaction', value: fact('a', { data: { title: 'secret' } }), text: 'open' },
          { kind: 'shared', value: { id: 's', value: 'secret' }, text: 'secret' },
        ),
      ])
      assert.deepEqual(await found(main, 'secret'), [])
      assert.deepEqual(await found(main, 'open'), ['a'])
    },
  )

  check('store/search-order: newest first, page after page, up to a limit and before a time', async (place) => {
    const main = place.open().scope('main')
    const keys = Array.from({ length: 700 }, (_, i) => `${i}`)
    // Stored in another order than that of their times; three share one time.
    const time = (key: string): string => later(Math.floor(((Number(key) * 13) % 700) / 3))
    await main.commit([{ put: keys.map((key) => said(key, 'hold', time(key))) }])
    const expected = keys.toSorted((a, b) => time(b).localeCompare(time(a)) || Number(b) - Number(a))
    assert.deepEqual(await found(main, 'hold'), expected)
    assert.deepEqual(await found(main, 'hold', { limit: 60 }), expected.slice(0, 60))
    const before = later(100)
    assert.deepEqual(
      await found(main, 'hold', { before, limit: 5 }),
      expected.filter((key) => time(key) < before).slice(0, 5),
    )
    assert.deepEqual(await found(main, 'hold', { limit: 0 }), [])
  })

  check('store/search-walls: search stays within its library', async (place) => {
    const store = place.open()
    const [main, other] = [store.scope('main'), store.scope('other')]
    await main.commit([puts(said('a', 'hold'))])
    await other.commit([puts(said('b', 'hold'))])
    assert.deepEqual([await found(main, 'hold'), await found(other, 'hold')], [['a'], ['b']])
  })
}
