import { PrmError } from '@prm/core'
import { CommanderError } from 'commander'
import type { Shell } from './command.ts'
import { program } from './program.ts'
import { Stopped, stopping } from './signals.ts'

const aside = (text: string): void => void process.stderr.write(`${text}\n`)

/** Runs one command line. Sets the process's exit code: 0 done, 1 refused or some bad, 2 could not run. */
export async function main(args: readonly string[]): Promise<void> {
  quiet()
  const shell: Shell = { cwd: process.cwd(), signal: stopping(aside), code: 0 }
  // What waits for something that nobody does any more: Node would end with 13, and say it of a file of ours.
  process.exitCode = 2
  const dry = (): void =>
    tell(
      args,
      new PrmError(
        'config',
        'It waits for something that never comes: a promise of the config, or of what it imports, is never kept.',
      ),
    )
  process.once('beforeExit', dry)
  process.exitCode = await codeOf(shell, args)
  process.off('beforeExit', dry)
}

async function codeOf(shell: Shell, args: readonly string[]): Promise<number> {
  try {
    await program(shell).parseAsync(args, { from: 'user' })
    return shell.code
  } catch (error) {
    // Commander has said what it had to say.
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0
      const message = error.code === 'commander.help' ? 'A command is missing.' : error.message.replace(/^error: /, '')
      if (args.includes('--json')) sayJson({ code: 'invalid', message })
      return 2
    }
    // Called off at a question, which says so itself.
    if (error instanceof Stopped && !shell.signal.aborted) return error.exit
    const stopped = shell.signal.aborted ? (shell.signal.reason as Stopped) : undefined
    if (stopped && (error === stopped || isEcho(error))) return stopped.exit
    const known = PrmError.is(error) ? error : new PrmError('invalid', messageOf(error), { cause: error })
    tell(args, known)
    if (!PrmError.is(error) && process.env.PRM_DEBUG) aside((error as Error).stack ?? '')
    return stopped?.exit ?? (refusals.has(known.code) ? 1 : 2)
  }
}

function tell(args: readonly string[], error: Told): void {
  if (args.includes('--json')) sayJson(error)
  aside(error.message)
}

type Told = Pick<PrmError, 'code' | 'message' | 'field'>

function sayJson({ code, message, field }: Told): void {
  process.stdout.write(`${JSON.stringify({ error: { code, message, ...(field !== undefined && { field }) } })}\n`)
}

/** Asked for something that is not so, or not allowed: it could be run, and the answer is no. */
const refusals: ReadonlySet<string> = new Set(['not_found', 'conflict', 'forbidden'])

/** What a stop makes of a wait, or a gone reader of a write: no news beside it. */
function isEcho(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return error.name === 'AbortError' || (error as NodeJS.ErrnoException).code === 'EPIPE'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** What Node announces of itself is no news for a librarian: SQLite and type stripping are meant to be used. */
function quiet(): void {
  process.removeAllListeners('warning')
  process.on('warning', (warning: Error & { readonly code?: string }) => {
    if (warning.name === 'ExperimentalWarning' || warning.code === 'MODULE_TYPELESS_PACKAGE_JSON') return
    aside(`${warning.name}: ${warning.message}`)
  })
}
