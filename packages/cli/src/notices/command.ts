import type { Command } from 'commander'
import { act, examples, type Shell } from '../command.ts'
import type { Typed } from './args.ts'

/** `notices`: from the file that an ILS writes to texts, without a config. */
export function noticeFiles(program: Command, shell: Shell): void {
  const command = program
    .command('notices')
    .summary('from a notice file to texts, without a config')
    .description(
      'Reads the notice files that an ILS writes, and says who would be texted, what, and who not and why. Nothing is sent or kept without --send, which needs TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID, and takes TWILIO_BASE_URL.',
    )
    .argument('[paths...]', 'files, and folders of files')
    .option('--send', 'send it')
    .option('--simulate', 'with --send: to a simulator of Twilio on this machine')
    .option('--watch', 'with --send: stay up, look for new files, send when quiet hours end')
    .option('--only <number>', 'write to these numbers only, for a first try (more than once, or with commas)', collect)
    .option('--store <file>', 'what was told is remembered here (with --send: prm.db)')
    .option('--shadow <path>', 'without --send: lay it beside what your present vendor reported', collect)
    .option('--what-if', 'without files: what would have been decided otherwise since --since')
    .option('--since <day>', 'for --what-if, which takes other --quiet, --zone, --name, --titles')
    .option('--layout <name>', 'the layout of the files, such as polaris-phonenotices')
    .option('--voice-as <medium>', 'sms: text those who asked for a call')
    .option('--titles', 'name titles in texts, which others may see on a locked phone')
    .option('--name <name>', "the library's name in the texts", 'Your library')
    .option('--region <country>', 'of numbers that are written without', 'US')
    .option('--zone <zone>', 'the time zone of quiet hours', 'America/Chicago')
    .option('--quiet <span>', 'when nobody is texted', '21:00-08:00')
    .option('--now <instant>', 'decide as if it were this moment')
  examples(
    command,
    ['prm notices /var/notices', 'a look: what would be sent, to whom, and why not'],
    ['prm notices /var/notices --send --only +12125550142', 'a first try, with a number of your own'],
    ['prm notices /var/notices --send --watch', 'stays up, and sends'],
    ['prm notices --what-if --since 2026-11-01 --quiet 20:00-09:00', 'with other quiet hours'],
  )
  act<Typed>(shell, command, async (_, options, ...paths) => {
    const { notices } = await import('./tell.ts') // with the layouts of all vendors
    return notices(paths.flat(), options, shell.signal)
  })
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}
