import type { Library } from '@prm/core'
import type { Plan, State } from '@prm/outreach'
import { quietUntil, timeIn } from './clock.ts'

/** A run in which nothing moves for so long says what it waits for, and asks anew after so long. */
const stillMs = 3_000
const againMs = 60_000

export interface Waiting {
  moved(): void
  end(): void
}

/** Asks what is waited for once nothing has moved for a while, and says each answer once. */
export function waiting(ask: () => Promise<string>, say: (words: string) => void): Waiting {
  let [next, said] = [performance.now() + stillMs, '']
  let [asking, ended] = [false, false]
  const look = async (): Promise<void> => {
    if (asking || performance.now() < next) return
    asking = true
    next = performance.now() + againMs
    const words = await ask().catch(() => '') // the run itself says what is wrong
    asking = false
    if (ended || words === '' || words === said) return
    said = words
    say(words)
  }
  const timer = setInterval(look, 500)
  return {
    moved() {
      next = performance.now() + stillMs
    },
    end() {
      ended = true
      clearInterval(timer)
    },
  }
}

/** Until when, and why, so many of a plan wait, as far as plan, state and library say it. */
export function waitInWords(
  { plan, state }: { readonly plan: Plan; readonly state: State },
  people: number,
  { quietHours, timeZone }: Pick<Library, 'quietHours' | 'timeZone'>,
  name: string,
  now: number,
): string {
  if (people === 0) return ''
  const count = `${people.toLocaleString('en')} ${people === 1 ? 'waits' : 'wait'}`
  const safe = `Ctrl-C is safe: prm outreach run ${name} goes on.`
  if (state.standing === 'paused')
    return `${count}: it is paused since ${timeIn(timeZone, state.at)}. prm outreach resume ${name} lets it go on.`
  const binds = quietHours && plan.senders.some(({ medium }) => quietHours.media?.includes(medium) ?? true)
  const ends = binds
    ? Object.entries(plan.zones).flatMap(([zone, people]) => {
        const at = quietUntil(now, quietHours, zone)
        return at === undefined ? [] : [{ at, people }]
      })
    : []
  // Where more wait than have quiet hours, something else keeps them.
  if (ends.length > 0 && ends.reduce((sum, { people }) => sum + people, 0) >= people)
    return `${count} until ${timeIn(timeZone, Math.min(...ends.map(({ at }) => at)))} (quiet hours). ${safe}`
  const first = Math.min(...plan.senders.map((sender) => Date.parse(sender.first)))
  if (first > now) return `${count} until ${timeIn(timeZone, first)}, when the plan begins. ${safe}`
  if (state.standing === 'canary')
    return `${count}: the first are watched for bounces, complaints and opt-outs before the rest goes. ${safe}`
  return `${count} for their turn. ${safe}`
}
