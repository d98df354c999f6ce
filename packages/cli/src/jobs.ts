import { PrmError } from '@prm/core'
import type { Command } from 'commander'
import { timeIn } from './clock.ts'
import { act, examples, type Shell, withOne } from './command.ts'
import { until } from './signals.ts'

/** `jobs list` and `jobs redrive`: work that ended without being done. */
export function jobs(program: Command, shell: Shell): void {
  const group = program
    .command('jobs')
    .summary('work that ended without being done')
    .description('Lists work that ended without being done, and tries it again once what failed is mended.')
  examples(group, ['prm jobs list', 'what ended undone, and why'], ['prm jobs redrive --all', 'try all of it again'])

  const list = group
    .command('list')
    .summary('what ended undone, and why')
    .description('Lists work that ended without being done: its key, what it was, and why it ended.')
  examples(list, ['prm jobs list', 'a line each'], ['prm jobs list --json', 'one JSON object a line'])
  act(shell, list, (io, options) =>
    withOne(shell, options, async (prm) => {
      let count = 0
      for await (const job of until(io.signal, prm.deadLetters())) {
        count++
        const { code = 'unknown', message = '' } = (job.error ?? {}) as { code?: string; message?: string }
        io.say(`${job.key}\n    ${timeIn(prm.options.library.timeZone, job.runAt)}  ${code}: ${message}`, job)
      }
      io.aside(
        count === 0
          ? 'All that was begun was done, or waits for its time.'
          : 'Once what failed is mended: prm jobs redrive KEY tries one again, prm jobs redrive --all all.',
      )
      return 0
    }),
  )

  const redrive = group
    .command('redrive')
    .summary('try it again')
    .description(
      'Tries work again. A message that the provider may have taken is never sent again so: it is kept, with why.',
    )
    .argument('[keys...]', 'as prm jobs list names them')
    .option('--all', 'all that there is')
  examples(
    redrive,
    ["prm jobs redrive 'deliver:notice notices hold-ready 9001'", 'one; ends with 1 if it is kept'],
    ['prm jobs redrive --all', 'all, at the next prm run'],
  )
  act<{ all?: boolean }>(shell, redrive, (io, options, ...typed) =>
    withOne(shell, options, async (prm) => {
      const keys = typed.flat()
      if (keys.length > 0 === (options.all === true))
        throw new PrmError('invalid', 'Name the keys to try again, or say --all.', { field: 'keys' })
      if (options.all) for await (const { key } of until(io.signal, prm.deadLetters())) keys.push(key)
      const { redriven, kept } = await prm.redrive(keys)
      io.say(
        [
          `${redriven.length} will be tried again, ${kept.length} kept.`,
          ...kept.map(({ key, reason }) => `${key}\n    ${reason}`),
        ].join('\n'),
        { redriven, kept },
      )
      return kept.length > 0 ? 1 : 0
    }),
  )
}
