import { expect, test } from 'vitest'
import { functionsOf, longest } from '../check/lengths.ts'
import { roomsWrong } from '../check/rooms.ts'

const file = (name: string, imports: readonly string[] = [], text = '') => ({ name, imports, text })
const order = ['contract', 'send', 'host']
const sound = [
  file('index.ts', ['./host/create.ts']),
  file('contract/a.ts'),
  file('send/send.ts', ['../contract/a.ts']),
  file('host/create.ts'),
]

test('folders that import in their order are right', () => {
  expect(roomsWrong(sound, order)).toEqual([])
})

test('an import from a folder below, or from beside the folders, is named', () => {
  const below = [file('contract/b.ts', ['../send/send.ts']), file('send/up.ts', ['../index.ts'])]
  expect(roomsWrong([...sound, ...below], order)).toEqual([
    'contract/b.ts imports send/send.ts: contract may import from contract',
    'send/up.ts imports index.ts: send may import from contract, send',
  ])
})

test('a folder that is not in the order, and one that is only there, are named', () => {
  expect(roomsWrong([...sound, file('utils/a.ts')], [...order, 'flow'])).toEqual([
    'flow: there is no such folder',
    'utils: has no place in the order of folders',
  ])
})

test('the index of a folder begins with a comment of at most five lines', () => {
  const index = (text: string) => roomsWrong([...sound, file('send/index.ts', [], text)], order)
  expect(index('// Writes a decision and its job.\nexport {}\n')).toEqual([])
  expect(index('export {}\n')).toEqual(['send/index.ts does not begin with a comment that says what the folder is for'])
  expect(index(`${'// More.\n'.repeat(6)}export {}\n`)).toEqual([
    'send/index.ts begins with a comment of 6 lines, more than 5',
  ])
})

test('a function is as long as its lines, and has the name of what holds it', () => {
  const code = 'const one = () => {\n  two()\n}\nfunction two() {\n  return [1].map((n) => {\n    return n\n  })\n}\n'
  expect(functionsOf('a.ts', code)).toEqual([
    { lines: 3, place: 'a.ts:1 one' },
    { lines: 5, place: 'a.ts:4 two' },
    { lines: 3, place: 'a.ts:5' },
  ])
  expect(longest(functionsOf('a.ts', code))).toEqual({ lines: 5, place: 'a.ts:4 two' })
})
