/** Why a command ends before its end, and with which code its process then does. */
export class Stopped extends Error {
  readonly exit: number
  constructor(message: string, exit: number) {
    super(message)
    this.name = 'Stopped'
    this.exit = exit
  }
}

/** As shells count: 128 and the signal's number. */
const exits = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGPIPE: 141 } as const

/**
 * Aborts at the first signal, or once nobody reads standard output any more; the second of Ctrl-C ends the process at once.
 * What is on its way to the store by then is stored or not, and a call that was begun is looked up by the next run.
 */
export function stopping(aside: (text: string) => void): AbortSignal {
  const stop = new AbortController()
  const end = (why: keyof typeof exits, message: string): void => {
    if (!stop.signal.aborted) stop.abort(new Stopped(message, exits[why]))
  }
  process.on('SIGINT', () => {
    if (stop.signal.aborted) process.exit(exits.SIGINT)
    aside('Stopping: what has begun is finished first. Once more ends it at once.')
    end('SIGINT', 'Interrupted.')
  })
  process.on('SIGTERM', () => end('SIGTERM', 'Asked to end.'))
  orphaned(() => end('SIGTERM', 'What started this has ended.'))
  process.on('SIGHUP', () => end('SIGHUP', 'The terminal was closed.'))
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // A reader such as `head` that has seen enough, or a terminal that is gone.
      if (error.code === 'EPIPE' || error.code === 'EIO') end('SIGPIPE', 'Nobody reads this any more.')
      else throw error
    })
  return stop.signal
}

/** npx and npm start it through a shell that passes no signal on: under them the end of the parent counts as SIGTERM. */
function orphaned(end: () => void): void {
  if (!process.env.npm_lifecycle_event) return
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    end()
  }, 200)
  watch.unref()
}

/** The same, until the signal aborts: then it throws why. */
export async function* until<T>(signal: AbortSignal, source: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const one of source) {
    signal.throwIfAborted()
    yield one
  }
}
