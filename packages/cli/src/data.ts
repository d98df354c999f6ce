import { once } from 'node:events'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Writable } from 'node:stream'
import { type Exported, PrmError } from '@prm/core'
import type { Command } from 'commander'
import { act, examples, type Shell, withOne } from './command.ts'
import { until } from './signals.ts'
import type { Terminal } from './terminal.ts'

/** `export` and `import`: everything of one library comes out, and goes into an empty store. */
export function data(program: Command, shell: Shell): void {
  const out = program
    .command('export')
    .summary('everything of one library, a JSON object a line')
    .description(
      'Writes everything of one library, a JSON object a line: also the open work. It holds names, numbers and texts: keep it as you keep the store.',
    )
    .option('--out <file>', 'a new file, which is there only once it is whole')
  examples(
    out,
    ['prm export --out library.ndjson', 'to a file that only you may read'],
    ['prm export | gzip > library.ndjson.gz', 'to a pipe'],
  )
  act<{ out?: string }>(shell, out, (io, options) =>
    withOne(shell, options, async (prm) => {
      const rows = counted(io, 'exported', prm.export())
      if (options.out === undefined) {
        await write(process.stdout, rows)
        return 0
      }
      const file = resolve(shell.cwd, options.out)
      if (existsSync(file)) throw new PrmError('conflict', `${options.out} is there already: name a new file.`)
      const count = await whole(file, rows)
      io.say(`${count} rows in ${options.out}.`, { rows: count, file })
      return 0
    }),
  )

  const into = program
    .command('import')
    .summary('what prm export wrote, into an empty store')
    .description('Reads what prm export wrote into a store that is empty for this library. What was sent stays sent.')
    .argument('<file>', 'a file that prm export wrote')
  examples(
    into,
    ['prm import library.ndjson', 'a store on another machine, or of another kind'],
    ['prm import library.ndjson --library elm', 'one of several libraries'],
  )
  act(shell, into, (io, options, name = '') =>
    withOne(shell, options, async (prm) => {
      const file = resolve(shell.cwd, name)
      if (!existsSync(file)) throw new PrmError('invalid', `There is no file ${name}.`, { field: 'FILE' })
      const { rows } = await prm.import(counted(io, 'imported', rowsOf(file, name)))
      io.say(`${rows} rows.`, { rows })
      return 0
    }),
  )
}

async function* rowsOf(file: string, name: string): AsyncGenerator<Exported> {
  let number = 0
  for await (const line of linesOf(file)) {
    number++
    let row: unknown
    try {
      row = JSON.parse(line)
    } catch {
      throw new PrmError('invalid', `${name}:${number}: no JSON. A line that prm export writes is one object.`)
    }
    yield row as Exported
  }
}

/** Not by readline, for which U+2028 ends a line too: JSON has it as it is. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = ''
  for await (const piece of createReadStream(file, 'utf8')) {
    rest += piece
    if (!piece.includes('\n')) continue // or a line without an end is looked through again and again
    const lines = rest.split(/\r?\n/)
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

async function* counted(io: Terminal, what: string, rows: AsyncIterable<Exported>): AsyncGenerator<Exported> {
  const progress = io.progress(what)
  let count = 0
  try {
    for await (const row of until(io.signal, rows)) {
      yield row
      progress.at(++count)
    }
  } finally {
    progress.end()
  }
}

/** A file that was cut off is none. Only its owner may read it. */
async function whole(file: string, rows: AsyncIterable<Exported>): Promise<number> {
  const part = `${file}.part`
  await rm(part, { force: true }) // what was left there may be open to all
  const stream = createWriteStream(part, { mode: 0o600 })
  try {
    const count = await write(stream, rows)
    stream.end()
    await once(stream, 'finish')
    await rename(part, file)
    return count
  } catch (error) {
    stream.destroy()
    await rm(part, { force: true })
    throw error
  }
}

/** How many rows, without the first and last line about them: as `import` counts. */
async function write(stream: Writable, rows: AsyncIterable<Exported>): Promise<number> {
  let count = 0
  for await (const row of rows) {
    if (row.kind !== 'prm' && row.kind !== 'end') count++
    if (!stream.write(`${JSON.stringify(row)}\n`)) await once(stream, 'drain')
  }
  return count
}
