import { createHash } from 'node:crypto'
import { type Decision, type Message, PrmError } from '@prm/core'
import type { Command } from 'commander'
import { addressOf } from './address.ts'
import { timeIn } from './clock.ts'
import { act, examples, type Shell, withOne } from './command.ts'
import type { AnyPrm } from './config.ts'

interface Options {
  readonly purpose: string
  readonly text: string
  readonly subject?: string
  readonly via?: string
  readonly key?: string
  readonly dryRun?: boolean
  readonly wait: boolean
}

/** `send`: one message to one address, by the rules that hold for all. */
export function send(program: Command, shell: Shell): void {
  const command = program
    .command('send')
    .summary('one message to one address')
    .description(
      'Sends one message to one address, if the rules allow it: consent, STOP, quiet hours and caps hold as for all. The same text to the same address is sent once a day, unless --key says otherwise.',
    )
    .argument('<address>', 'a number, a mail address, or a card')
    .requiredOption('--purpose <name>', 'why the library writes: one of the config')
    .requiredOption('--text <text>', 'what it says')
    .option('--subject <text>', 'the subject of a mail')
    .option('--via <id>', 'only by this adapter')
    .option('--key <key>', 'your own name for this message: a key is sent once')
    .option('--dry-run', 'decide, say why, and leave nothing behind')
    .option('--no-wait', 'leave the sending to a prm run beside this')
  examples(
    command,
    [
      "prm send +12125550142 --purpose notices --text 'We open at noon.'",
      'decide, send, and say what the provider did',
    ],
    ['prm send ann@example.org --purpose news --text Hello --dry-run', 'would it go, and by which way?'],
  )
  act<Options>(shell, command, (io, options, typed = '') =>
    withOne(shell, options, async (prm) => {
      const { library, purposes } = prm.options
      if (!purposes[options.purpose])
        throw new PrmError(
          'config',
          `There is no purpose "${options.purpose}"; there are ${Object.keys(purposes).join(', ')}.`,
          { field: '--purpose' },
        )
      if (options.via !== undefined && !prm.adapters[options.via]?.channel)
        throw new PrmError('config', `There is no channel "${options.via}".`, { field: '--via' })
      const to = addressOf(typed, library.region)
      const content = { text: options.text, ...(options.subject !== undefined && { subject: options.subject }) }
      const day = new Intl.DateTimeFormat('en-CA', { timeZone: library.timeZone }).format()
      const digest = createHash('sha256')
        .update(JSON.stringify([to, options.purpose, content, day]))
        .digest('base64url')
      const key = options.key ?? `cli ${digest.slice(0, 22)}`
      const only = options.via === undefined ? {} : { adapters: [options.via] }
      const dryRun = options.dryRun ? { dryRun: true } : {}
      const began = new Date().toISOString()
      const decision = await prm.send({ to, purpose: options.purpose, content, key, ...only, ...dryRun })
      if (decision.at < began && !options.dryRun)
        io.aside(
          `It was decided at ${timeIn(library.timeZone, decision.at)}, and a key is sent once: this is what became of it. ${options.key === undefined ? 'To send the same again today, name it: --key NAME.' : ''}`.trimEnd(),
        )
      if (options.dryRun) io.say(inWords(decision, library.timeZone), { decision })
      else if (!decision.outcome.send || !options.wait) io.say((await prm.explain(key)).text, { decision })
      else {
        const message = await delivered(prm, key, io.signal)
        io.say((await prm.explain(key)).text, { decision, message })
        return message && bad.has(message.state) ? 1 : 0
      }
      return decision.outcome.send ? 0 : 1
    }),
  )
}

const bad: ReadonlySet<Message['state']> = new Set(['undelivered', 'rejected', 'expired', 'cancelled', 'unknown'])

/** Works until this message is handed over, or waits for a later time. What else is due goes out beside it. */
async function delivered(prm: AnyPrm, key: string, signal: AbortSignal): Promise<Message | undefined> {
  const done = new AbortController()
  const off = prm.on('message', (message) => {
    if (message.key === key) done.abort()
  })
  try {
    await prm.run({ once: true, signal: AbortSignal.any([signal, done.signal]) })
    signal.throwIfAborted()
    return (await prm.explain(key)).message
  } finally {
    off()
  }
}

function inWords({ outcome, reasons }: Decision, zone: string): string {
  const marks = { pass: '✓', reject: '✗', defer: '…' }
  return [
    outcome.send
      ? `It would go by ${outcome.via} from ${timeIn(zone, outcome.notBefore)}.`
      : `It would not go: ${outcome.rule}.`,
    ...reasons.map(({ verdict, rule, detail }) => `  ${marks[verdict]} ${rule}: ${detail}`),
  ].join('\n')
}
