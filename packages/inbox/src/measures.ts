import type { Conversation, Instant, Question } from '@prm/core'

export interface Spread {
  readonly n: number
  /** How many of them are not over: they count with the time until now. */
  readonly open: number
  readonly p50?: number
  readonly p90?: number
}

/** Figures without a name. Times are milliseconds by the wall clock. */
export interface Measures {
  /** What patrons asked in this time, each time that a conversation was opened. */
  readonly questions: number
  /** Of these, answered by a machine alone: not in what follows. */
  readonly automatic: number
  /** From the patron's word to the first answer by a person. */
  readonly firstResponse: Spread
  /** From the patron's word to the end. */
  readonly turnaround: Spread
  /** Of those that are closed; `uncoded` where nobody said. */
  readonly readLevels: { readonly [level: string]: number }
  readonly transactionClasses: { readonly [name: string]: number }
  /** What waits now, the fullest first. No queue is ''. */
  readonly queues: readonly { readonly queue: string; readonly open: number; readonly oldestMs: number }[]
}

/** Of all conversations there are. What was not answered when it was merged counts where it goes on. */
export function measured(
  all: readonly Conversation[],
  { since, until, now }: { readonly since: Instant; readonly until: Instant; readonly now: number },
): Measures {
  const asked = all
    .filter(({ source }) => source !== 'prm')
    .flatMap(({ questions, into }) => (into === undefined ? questions : questions.filter((one) => one.closed)))
    .filter((one) => one.asked >= since && one.asked < until)
  const ours = asked.filter((one) => !isAutomatic(one))
  const closed = ours.filter((one) => one.closed !== undefined)
  const waiting = Map.groupBy(
    all.filter(({ state }) => state === 'open'),
    ({ queue }) => queue ?? '',
  )
  const queues = [...waiting].map(([queue, ofQueue]) => ({
    queue,
    open: ofQueue.length,
    oldestMs: Math.max(...ofQueue.map((one) => now - Date.parse(one.since))),
  }))
  return {
    questions: asked.length,
    automatic: asked.length - ours.length,
    firstResponse: spread(ours, (one) => one.answered ?? one.closed, now),
    turnaround: spread(ours, (one) => one.closed, now),
    readLevels: counted(closed, ({ readLevel }) => readLevel),
    transactionClasses: counted(closed, ({ transactionClass }) => transactionClass),
    queues: queues.sort((a, b) => b.open - a.open || b.oldestMs - a.oldestMs),
  }
}

function isAutomatic({ answered, closed, readLevel, transactionClass }: Question): boolean {
  return closed !== undefined && !answered && readLevel === undefined && transactionClass === undefined
}

function spread(questions: readonly Question[], end: (one: Question) => Instant | undefined, now: number): Spread {
  const times = questions
    .map((one) => (end(one) === undefined ? now : Date.parse(end(one) as Instant)) - Date.parse(one.asked))
    .sort((a, b) => a - b)
  const at = (part: number): number => times[Math.ceil(times.length * part) - 1] as number
  const open = questions.filter((one) => end(one) === undefined).length
  return { n: times.length, open, ...(times.length > 0 && { p50: at(0.5), p90: at(0.9) }) }
}

function counted(
  questions: readonly Question[],
  of: (one: Question) => string | number | undefined,
): { [key: string]: number } {
  const counts: { [key: string]: number } = {}
  for (const one of questions) {
    const key = String(of(one) ?? 'uncoded')
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}
