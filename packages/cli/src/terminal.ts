import { styleText } from 'node:util'

/** What a command says, and to whom: results on standard output, all else on standard error. */
export interface Terminal {
  /** One JSON object a line on standard output, and nothing else there. */
  readonly json: boolean
  /** Aborts when somebody interrupts, or the terminal is gone. */
  readonly signal: AbortSignal
  /** A result: for a person its words, with `--json` its value. */
  say(words: string, value: object): void
  /** To standard output as it is, where both have the same form. */
  line(text: string): void
  /** To standard error. */
  aside(text: string): void
  /** A word that stands out, where the terminal has colours. */
  strong(text: string): string
  /** How far something is that takes over a second, on standard error. */
  progress(what: string): Progress
}

export interface Progress {
  /** So many are done, of so many if that is known. */
  at(done: number, total?: number): void
  /** Takes the line away. */
  end(): void
}

export function terminal(json: boolean, signal: AbortSignal): Terminal {
  const line = (text: string): void => void process.stdout.write(`${text}\n`)
  const aside = (text: string): void => void process.stderr.write(`${text}\n`)
  return {
    json,
    signal,
    line,
    aside,
    say: (words, value) => line(json ? JSON.stringify(value) : words),
    strong: (text) => styleText('bold', text, { stream: process.stdout }),
    progress: (what) => progress(what, process.stderr, () => performance.now()),
  }
}

/** A person wants to see it move; a log, that it does. */
const everyMs = { seen: 200, logged: 10_000 }

interface Out {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** Says nothing in the first second. Then the rate, and when it ends if the total is known. */
export function progress(what: string, out: Out, now: () => number): Progress {
  const began = now()
  let last = began + 1_000 - everyMs.seen
  let shown = false
  return {
    at(done, total) {
      const at = now()
      if (at - last < (shown && !out.isTTY ? everyMs.logged : everyMs.seen)) return
      last = at
      shown = true
      const seconds = (at - began) / 1_000
      const rate = done / seconds
      const left = total !== undefined && rate > 0 && done < total ? (total - done) / rate : undefined
      const parts = [
        `${what}: ${grouped(done)}${total === undefined ? '' : ` of ${grouped(total)}`}`,
        `${rate < 10 ? rate.toFixed(1) : grouped(Math.round(rate))}/s`,
        ...(left === undefined ? [] : [`${spanOf(left)} left, until ${clockIn(left)}`]),
      ]
      out.write(out.isTTY ? `\r\u001b[K${parts.join(', ')}` : `${parts.join(', ')}\n`)
    },
    end() {
      if (shown && out.isTTY) out.write('\r\u001b[K')
    },
  }
}

const grouped = (count: number): string => count.toLocaleString('en-US')

function spanOf(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`
  return `${(seconds / 3_600).toFixed(1)} h`
}

function clockIn(seconds: number): string {
  return new Date(Date.now() + seconds * 1_000).toTimeString().slice(0, 5)
}
