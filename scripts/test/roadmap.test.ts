import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const rows = readFileSync(join(root, 'docs/roadmap.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2) // the head, and the line below it
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, need = '', , answer = '']) => ({ need, answer }))

/** Each published package below packages/, as the roadmap links it. */
const packages = globSync(['packages/*/package.json', 'packages/*/*/package.json'], { cwd: root }).flatMap((file) => {
  const { name, private: house } = JSON.parse(readFileSync(join(root, file), 'utf8'))
  return house ? [] : [`[${name}](../${dirname(file).replaceAll('\\', '/')}/README.md)`]
})
const answers = rows.flatMap(({ answer }) => (answer === 'not yet' ? [] : answer.split(', ')))

test('the roadmap names every need from 1 to 39 once, in order', () => {
  expect(rows.map(({ need }) => need)).toEqual(Array.from({ length: 39 }, (_, index) => `${index + 1}`))
})

test('every need is answered by packages that exist, or says "not yet"', () => {
  expect(answers.filter((answer) => !packages.includes(answer))).toEqual([])
})

test('every package answers a need', () => {
  expect(packages.length).toBeGreaterThan(0)
  expect(packages.filter((one) => !answers.includes(one))).toEqual([])
})
