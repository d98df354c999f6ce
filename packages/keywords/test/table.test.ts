import { PrmError } from '@prm/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Row, read, standard, table } from '../src/index.ts'

function refused(rows: readonly Row[], purposes?: { readonly [purpose: string]: readonly string[] }) {
  try {
    table(rows, { ...(purposes && { purposes }) })
  } catch (error) {
    return PrmError.is(error) ? { code: error.code, field: error.field } : error
  }
  return 'taken'
}

const hours: Row = { word: 'HOURS' }

test.each([
  'stop',
  'STOP ALL',
  'Cancel',
  'end',
  'quit',
  'revoke',
  'Opt-out',
  'remove',
  'help',
  'INFO',
  'start',
  'unstop',
  'YES',
  'y',
])('%s is reserved', (word) => expect(refused([hours, { word }])).toEqual({ code: 'config', field: 'rows[1]' }))

test.each([
  'alto',
  'ARRÊT',
  'arret',
  'Stopp',
  '停止',
  'TD',
  'dừng',
  'ayuda',
  'oui',
  'sí',
  'para',
  'stp',
  'stpo',
  'no more texts',
  'ЅТОР',
])('%s is reserved too: it is read as such in some language, or plainly mistyped', (word) => {
  expect(refused([hours, { word }])).toEqual({ code: 'config', field: 'rows[1]' })
  expect(refused([hours, { word: 'FINES', also: ['owe', word] }])).toEqual({ code: 'config', field: 'rows[1]' })
})

test('a word with what may follow it is not read as an opt-out either', () => {
  expect(refused([hours, { word: 'LEAVE', takes: { 'me alone': [] } }])).toEqual({ code: 'config', field: 'rows[1]' })
  expect(refused([hours, { word: 'TAKE', takes: { x: ['me off your list'] } }])).toMatchObject({ code: 'config' })
})

test.each([
  ['the same word', [{ word: 'renew' }, { word: 'RENEW' }]],
  ['the same but for blanks', [{ word: 'MY HOLDS' }, { word: 'myholds' }]],
  ['the same but for accents', [{ word: 'verlängern' }, { word: 'VERLANGERN' }]],
  ['another name of another row', [{ word: 'MYITEMS', also: ['loans'] }, { word: 'LOANS' }]],
  ['a name with what may follow it', [{ word: 'RENEW', takes: 'items' }, { word: 'RENEW ALL' }]],
  ['a list with a row of its own', [{ word: 'JOIN', takes: { teens: [] } }, { word: 'join teens' }]],
  ['any word after JOIN', [{ word: 'JOIN', takes: 'purpose' }, { word: 'JOIN CHESS' }]],
  ['a number after it', [{ word: 'RENEW', takes: 'items' }, { word: 'RENEW2' }]],
] as readonly (readonly [string, readonly Row[]])[])('two rows may not share %s, in either order', (_, rows) => {
  expect(refused(rows)).toEqual({ code: 'config', field: 'rows[1]' })
  expect(refused([...rows].reverse())).toMatchObject({ code: 'config' })
})

test('a name without letters, and a purpose that is called like another, are refused', () => {
  expect(refused([{ word: '👍' }])).toEqual({ code: 'config', field: 'rows[0]' })
  expect(refused([{ word: 'ok?', also: ['  '] }])).toEqual({ code: 'config', field: 'rows[0]' })
  expect(refused([], { late: ['overdue'], overdue: [] })).toEqual({ code: 'config', field: 'purposes.overdue' })
  expect(refused([], { late: [''] })).toEqual({ code: 'config', field: 'purposes.late' })
})

test.each(['all', 'texts', 'everything', 'these messages'])(
  'no purpose may be called “%s”: STOP of that is everything',
  (called) => {
    expect(refused([], { promo: [called] })).toEqual({ code: 'config', field: 'purposes.promo' })
    expect(refused([{ word: 'JOIN', takes: { [called]: [] } }])).toEqual({
      code: 'config',
      field: `purposes.${called}`,
    })
  },
)

test('the message names row and word, and a table of rows without conflict is taken', () => {
  expect(() => table([hours, { word: 'End' }])).toThrow('row 1: "End" is reserved')
  expect(() => table([hours, { word: 'hours' }])).toThrow('row 1: "hours" is also in row 0')
  expect(refused(standard)).toBe('taken')
  expect(refused([{ word: 'RENEW', takes: 'items' }, { word: 'RENEWAL' }, { word: 'RENEW CARD' }])).toBe('taken')
  expect([...table(standard).account].sort()).toEqual(['fines', 'myholds', 'myitems', 'renew'])
})

const name = fc.stringMatching(/^[a-z]{2,8}( [a-z]{2,6})?$/)
const row = fc.record(
  {
    word: name,
    also: fc.array(name, { maxLength: 2 }),
    takes: fc.constantFrom('items' as const, 'purpose' as const, { teens: ['kids'] }),
  },
  { requiredKeys: ['word'] },
)

test('whatever the rows, a table is refused, or each of its names is read as its own word', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 6 }), (rows) => {
      const result = (() => {
        try {
          return table(rows)
        } catch (error) {
          expect(error).toMatchObject({ code: 'config' })
          return undefined
        }
      })()
      if (!result) return
      for (const { word, also = [] } of rows)
        for (const said of [word, ...also])
          expect(read(said, { table: result, open: false })).toEqual({ word, how: 'exact' })
    }),
  )
})

test('a conflict is refused wherever it stands among other rows', () => {
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 2, maxLength: 6 }), fc.nat(), fc.nat(), (names, at, from) => {
      const rows: Row[] = names.map((word) => ({ word }))
      fc.pre(refused(rows) === 'taken')
      const copied = names[from % names.length] as string
      rows.splice(at % (names.length + 1), 0, { word: 'zzz', also: [copied.toUpperCase().replace(' ', '  ')] })
      expect(refused(rows)).toMatchObject({ code: 'config' })
    }),
  )
})
