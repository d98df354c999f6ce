import { createRequire } from 'node:module'
import { Command, Help } from 'commander'
import { adapters } from './adapters.ts'
import type { Shell } from './command.ts'
import { data } from './data.ts'
import { doctor } from './doctor.ts'
import { look } from './explain.ts'
import { init } from './init.ts'
import { jobs } from './jobs.ts'
import { noticeFiles } from './notices/command.ts'
import { bulk } from './outreach.ts'
import { privacy } from './privacy.ts'
import { run } from './run.ts'
import { send } from './send.ts'
import { simulate } from './simulate.ts'

const widest = 100

/** The whole command line. */
export function program(shell: Shell): Command {
  const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string }
  const prm = new Command('prm')
    .description(
      'Tells patrons what they wait for, by the way they prefer, once, and says why a message was sent or was not.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this')
    .helpCommand('help [command]', 'print how a command is used')
    .option('--config <file>', 'in place of prm.config.ts in this folder')
    .option('--library <id>', 'of several libraries in the config')
    .option('--json', 'one JSON object a line, and nothing else, on standard output')
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({
      showGlobalOptions: true,
      helpWidth: Math.min(process.stdout.columns ?? 80, widest),
      optionDescription: (option) => `${option.mandatory ? '(required) ' : ''}${new Help().optionDescription(option)}`,
    })
  prm.commandsGroup('Set up:')
  init(prm, shell)
  simulate(prm, shell)
  doctor(prm, shell)
  adapters(prm, shell)
  prm.commandsGroup('Work:')
  run(prm, shell)
  noticeFiles(prm, shell)
  send(prm, shell)
  bulk(prm, shell)
  jobs(prm, shell)
  prm.commandsGroup('Look:')
  look(prm, shell)
  prm.commandsGroup('Data:')
  privacy(prm, shell)
  data(prm, shell)
  prm.addHelpText(
    'after',
    `
Exit codes: 0 done, 1 refused or some bad, 2 could not run, 130 interrupted.

Examples:
  $ npx prm init --yes
      makes prm.config.ts and keys in this folder
  $ prm COMMAND --help
      what a command does, with examples`,
  )
  pointed(prm, 'prm')
  return prm
}

/** A wrong line is shown the help of the command that was meant. */
function pointed(command: Command, path: string): void {
  command.showHelpAfterError(`${path} --help says how it is used.`)
  for (const one of command.commands) pointed(one, `${path} ${one.name()}`)
}
