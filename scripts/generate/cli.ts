// The reference of the command line: takes the commands as commander has them, and gives one page of Markdown.
import { program } from '../../packages/cli/src/program.ts'
import { root } from '../check/packages.ts'
import { tableOf } from './tables.ts'

type Command = ReturnType<typeof program>

export function cliPage(): string {
  const prm = program({ cwd: root, signal: new AbortController().signal, code: 0 })
  return `<!-- npm run generate -->
# Command line

\`prm\` is the command of [@prm/cli](../../packages/cli/README.md). \`prm COMMAND --help\` prints what this page says, with
examples. Exit codes: 0 done, 1 refused or partly failed, 2 could not run, 130 interrupted.

## Options of every command

${optionsOf(prm)}
${prm.commands.flatMap((one) => section(one, ['prm'])).join('\n')}`
}

function section(command: Command, above: readonly string[]): readonly string[] {
  if (command.name() === 'help') return []
  const names = [...above, command.name()]
  const heading = `${'#'.repeat(Math.min(names.length, 3))} ${names.join(' ')}`
  const usage = `\`\`\`text\n${names.join(' ')} ${command.usage()}\n\`\`\``
  const given = command.registeredArguments
    .filter(({ description }) => description)
    .map((one) => [`\`${one.name()}\``, cell(one.description)])
  const parts = [heading, cell(command.description()), usage]
  if (given.length > 0) parts.push(tableOf(['argument', 'meaning'], given).trimEnd())
  const options = optionsOf(command).trimEnd()
  if (options) parts.push(options)
  return [`${parts.filter(Boolean).join('\n\n')}\n`, ...command.commands.flatMap((one) => section(one, names))]
}

function optionsOf(command: Command): string {
  const rows = command.options
    .filter(({ hidden }) => !hidden)
    .map(({ flags, description, mandatory, defaultValue }) => [
      `\`${flags}\``,
      cell(
        `${mandatory ? '(required) ' : ''}${description}${defaultValue === undefined || defaultValue === false ? '' : ` (default: ${JSON.stringify(defaultValue)})`}`,
      ),
    ])
  return rows.length > 0 ? tableOf(['option', 'meaning'], rows) : ''
}

const cell = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').replaceAll('<', '&lt;')
