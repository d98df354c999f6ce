import { expect, test } from 'vitest'
import { texts, textsOf } from '../strings.ts'

const read = (code: string, labels = false) =>
  textsOf('a.ts', code, labels).map(({ line, part, text }) => `${line} ${part}: ${text}`)

test('a text has its line, what it is part of, and its placeholders', () => {
  const code = `const a = 1\nthrow new PrmError("invalid", \`There is no purpose \${name}.\`)\n`
  expect(read(code)).toEqual(['2 PrmError: There is no purpose {name}.'])
  expect(read("add({ detail: 'Quiet hours: it waits.' })")).toEqual(['1 detail: Quiet hours: it waits.'])
  expect(read(`program.option("-a", \`reads \${names.map((name) => name.toUpperCase()).join()} only\`)`)).toEqual([
    '1 .option: reads {names.map…} only',
  ])
})

test('of a page its words are texts, and its tags and programs are not', () => {
  expect(read(`const page = \`<h1 class="a b">All of them</h1><p title="Next one">\${count} wait</p>\``)).toEqual([
    '1 page: All of them ⏐ Next one ⏐ {count} wait',
  ])
  expect(read("const style = 'p { color: red; margin: 0 }'")).toEqual([])
})

test('a label of one word is a text where pages are made', () => {
  expect(read("const title = 'Closed'", true)).toEqual(['1 title: Closed'])
  expect(read("const title = 'Closed'")).toEqual([])
})

test.each([
  "import a from 'a file.ts'",
  "type A = 'one of two'",
  "const a = { 'a key': 1 }",
  "if (a === 'this one.') b()",
  "db.prepare('delete the row')",
  "const a = 'select id from message where id = ?'",
  "const a = 'Content-Type: text/html'",
  "const a = new RegExp('a b.')",
  "const a = '30 %'",
])('is no text: %s', (code) => {
  expect(read(code, true)).toEqual([])
})

test('of all packages every one that speaks has texts', () => {
  const names = new Set(texts().map((one) => one.package))
  expect([...names]).toEqual(expect.arrayContaining(['@prm/core', '@prm/cli', '@prm/inbox', '@prm/twilio']))
})
