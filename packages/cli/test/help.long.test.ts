import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { program } from '../src/program.ts'
import { prm } from './harness.ts'

const shell = { cwd: '.', signal: new AbortController().signal, code: 0 }

function all(command: Command, path: readonly string[] = []): readonly (readonly string[])[] {
  return command.commands.flatMap((one) => [[...path, one.name()], ...all(one, [...path, one.name()])])
}
const paths = all(program(shell))

test('there is each command that the documents name', () => {
  const names = paths.map((path) => path.join(' '))
  expect(names).toEqual(
    expect.arrayContaining([
      'init',
      'doctor',
      'run',
      'notices',
      'send',
      'outreach plan',
      'outreach show',
      'outreach approve',
      'outreach run',
      'outreach pause',
      'outreach resume',
      'outreach stop',
      'outreach report',
      'outreach health',
      'explain',
      'patron',
      'timeline',
      'jobs list',
      'jobs redrive',
      'privacy ledger',
      'privacy subject',
      'privacy erase',
      'export',
      'import',
      'simulate',
      'adapters',
    ]),
  )
})

test('every help has examples that begin with the command, and reads at 80 columns', async () => {
  for (const path of [[], ...paths]) {
    const { code, out, err } = await prm([...path, '--help'], { env: { COLUMNS: '200' } })
    expect({ path, code, err }).toEqual({ path, code: 0, err: '' })
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(out).toContain(`Usage: prm ${path.join(' ')}`.trimEnd())
    const [, below = ''] = out.split('Examples:\n')
    const typed = below.split('\n').filter((line) => line.startsWith('  $ '))
    expect(typed.length, path.join(' ')).toBeGreaterThan(1)
    for (const line of typed) expect(line).toContain(`prm ${path.join(' ')}`.trimEnd())
  }
})
