import { expect, test } from 'vitest'
import { glossaryOf, retiredIn } from '../check/glossary.ts'
import { functionsOf, longest } from '../check/lengths.ts'
import { publicNames } from '../check/names.ts'
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

const glossary = `# Glossary

| retired | use | where | pattern |
| --- | --- | --- | --- |
| inlet | webhook | contract | \`\\b[Ii]nlet\` |
| turn, slot | sender schedule | schedule | \`\\bturn\\b\\|\\bslot\\b\` |
| told | notified | everywhere | |
`

test('the table of the glossary is read, with patterns that hold a bar, and rows that no search can tell', () => {
  const { words, unsearched } = glossaryOf(glossary)
  expect(words.map(({ retired, use, pattern }) => `${retired} > ${use} ${pattern.source}`)).toEqual([
    'inlet > webhook \\b[Ii]nlet',
    'turn, slot > sender schedule \\bturn\\b|\\bslot\\b',
  ])
  expect(unsearched).toEqual(['told'])
})

test('a retired word is named with its place and what to use', () => {
  const lines = [
    { place: 'a.ts:1', text: 'This inlet is closed.' },
    { place: 'b.md:7', text: 'A slot of a webhook' },
    { place: 'b.md:8', text: 'It was told in return.' },
  ]
  expect(retiredIn(lines, glossaryOf(glossary))).toEqual([
    'a.ts:1: "inlet" is retired (inlet): use webhook',
    'b.md:7: "slot" is retired (turn, slot): use sender schedule',
  ])
})

test('a glossary without the table, and a pattern that is none, are errors that say what was expected', () => {
  expect(() => glossaryOf('# Glossary\n')).toThrow('expected a table `| retired | use | where | pattern |`')
  expect(() => glossaryOf(glossary.replace('| told | notified | everywhere | |', '| told | x | y | told |'))).toThrow(
    'the pattern of told is not in backticks: told',
  )
  expect(() => glossaryOf(glossary.replace('\\b[Ii]', '(['))).toThrow('the pattern of inlet is no regular expression')
})

test('public names hold exports, members, and members of nested types, each with its line', () => {
  const names = publicNames()
  const texts = names.map(({ text }) => text)
  expect(texts).toEqual(expect.arrayContaining(['createPrm', 'Options.adapters', 'Options.library', 'twilio']))
  expect(names.find(({ text }) => text === 'createPrm')?.place).toMatch(/^packages\/core\/src\/host\/create\.ts:\d+$/)
})
