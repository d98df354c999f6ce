import { simulate } from '@prm/twilio/simulator'
import { Agent, request } from 'undici'
import { account } from '../ours.ts'
import type { Contend } from '../place.ts'
import { publicUrl } from './serve.ts'

export interface Load {
  readonly url: string
  readonly count: number
  /** Requests a second, whether answered or not; absent: as many as are answered, `connections` at a time. */
  readonly rate?: number
  /** A tenth goes before what is measured, a few at a time: a server that has just begun is slow for half a second. */
  readonly begun?: boolean
  readonly connections: number
}
export interface Answered {
  readonly perSecond: number
  /** Milliseconds. */
  readonly p99: number
}

interface Signed {
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

/** Texts from many people, signed beforehand, so that only sending them is left. */
export const contend: Contend<Load, Answered> = async ({ url, count, rate, connections, begun = false }) => {
  const all = await signed(count)
  const dispatcher = new Agent({ connections })
  const took: number[] = []
  const post = async ({ headers, body }: Signed): Promise<void> => {
    const began = performance.now()
    const answer = await request(url, { method: 'POST', headers, body, dispatcher })
    await answer.body.dump()
    if (answer.statusCode !== 200) throw new Error(`A text was answered ${answer.statusCode}.`)
    took.push(performance.now() - began)
  }
  let measured = all
  if (begun) {
    const first = Math.ceil(count / 10)
    await closed(all.slice(0, first), few, post)
    measured = all.slice(first)
    took.length = 0
  }
  const began = performance.now()
  await (rate === undefined ? closed(measured, connections, post) : paced(measured, rate, post))
  const seconds = (performance.now() - began) / 1_000
  await dispatcher.close()
  took.sort((a, b) => a - b)
  return { perSecond: measured.length / seconds, p99: took[Math.ceil(took.length * 0.99) - 1] ?? 0 }
}

const few = 10

async function closed(
  all: readonly Signed[],
  connections: number,
  post: (one: Signed) => Promise<void>,
): Promise<void> {
  const left = all.values()
  await Promise.all(
    Array.from({ length: connections }, async () => {
      for (const one of left) await post(one)
    }),
  )
}

/** Each at its time, also where those before it are still unanswered. */
async function paced(all: readonly Signed[], rate: number, post: (one: Signed) => Promise<void>): Promise<void> {
  const began = performance.now()
  const answers: Promise<void>[] = []
  while (answers.length < all.length) {
    const due = Math.min(all.length, Math.ceil(((performance.now() - began) / 1_000) * rate))
    for (const one of all.slice(answers.length, due)) answers.push(post(one))
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await Promise.all(answers)
}

async function signed(count: number): Promise<readonly Signed[]> {
  const simulator = await simulate(account)
  const all: Signed[] = []
  for (let index = 0; index < count; index++) {
    const from = `+1212${String(2_000_000 + (index % 5_000)).padStart(7, '0')}`
    const text = simulator.webhook({ from, body: `Is the invented book ${index} in yet?`, url: publicUrl })
    all.push({ headers: Object.fromEntries(text.headers), body: await text.text() })
  }
  await simulator.close()
  return all
}
