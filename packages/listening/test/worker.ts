import { type Adapter, createPrm, mentionSeen, PrmError, type Scope, type Store } from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
import { listening, listeningEvents, mentionStands, readPacks } from '../src/index.ts'

// A host of its own on a store file, for restart.long.test.ts: it is killed at the point that it is told, or comes to the end and
// says how many points there are. What it does may be begun again from the start at any time.

interface Told {
  readonly file: string
  readonly dieAt: number
  readonly baseUrl: string
  /** How far its clock is ahead: what was killed had moved it. */
  readonly later: number
}
const told = JSON.parse(process.argv[2] ?? '') as Told

let points = 0
function point(): void {
  if (++points === told.dieAt) process.kill(process.pid, 'SIGKILL')
}

/** A point before and behind each commit, and between what a job does and its settlement. */
function counted(store: Store): Store {
  return {
    ...store,
    scope(library): Scope {
      const scope = store.scope(library)
      return {
        ...scope,
        async commit(batches) {
          point()
          const written = await scope.commit(batches)
          point()
          return written
        },
      }
    },
    work: (names, run, options) =>
      store.work(
        names,
        async (lease, signal) => {
          const settled = await run(lease, signal)
          point()
          return settled
        },
        options,
      ),
    close: () => store.close(),
  }
}

const answers = new URL('/answers', told.baseUrl)
const post = {
  text: 'The printers at AVU Library are broken again, who can help?',
  url: 'https://net.example.org/posts/a',
  language: 'en',
  answerable: true as const,
}
const net: Adapter = {
  spec: 1,
  kind: 'network',
  version: '1.0.0',
  emits: [mentionSeen],
  feed: {
    every: '1h',
    async *pull() {
      yield {
        interactions: [
          { key: 'a', type: mentionSeen.name, source: 'net', who: { scheme: 'post', value: 'a' }, data: post },
        ],
        cursor: 1,
      }
    },
  },
  channel: {
    medium: 'social',
    schemes: ['post'],
    exposure: 'public',
    limits: { idempotent: false, visibleAfter: '1s' },
    measure: ({ text }) => ({ units: text.length, unit: 'letter', warnings: [] }),
    async send({ key, content }) {
      const answer = await fetch(answers, {
        method: 'POST',
        body: JSON.stringify({ key, text: content.text }),
        signal: AbortSignal.timeout(300),
      }).catch((cause: unknown) => {
        throw new PrmError('unknown', 'No answer came.', { cause })
      })
      point()
      return { ...((await answer.json()) as { id: string }), state: 'sent', raw: null }
    },
    async lookup({ key }) {
      const found = (await (await fetch(answers)).json()) as readonly { id: string; key: string }[]
      const one = found.find((other) => other.key === key)
      return one ? { id: one.id, state: 'sent', raw: null } : 'absent'
    },
  },
}

let later = told.later
const store = counted(sqlite({ file: told.file, lease: '1s', poll: '20ms' }))
const prm = createPrm({
  library: { id: 'alder', name: 'AVU Libraries', timeZone: 'America/Los_Angeles', locale: 'en', region: 'US' },
  adapters: { net },
  store,
  purposes: { reply: { basis: 'service', class: 'service', quietHours: 'ignore' } },
  events: listeningEvents,
  rechecks: { mention: mentionStands(store, 'alder') },
  now: () => new Date(Date.now() + later),
})
const packs = readPacks({ packs: [{ id: 'alder', names: ['AVU Library'] }] })
const desk = listening(prm, { purpose: 'reply', packs, recheck: 'mention' })
const as = (id: string) => desk.as({ kind: 'staff', id })

/** Where there is nothing to do, and it is not posted, the lease of who was killed is not over: that takes a second. */
async function posted(): Promise<boolean> {
  for await (const _ of store.scope('alder').find('interaction', { type: 'listening.posted', limit: 1 })) return true
  await new Promise((go) => setTimeout(go, 100))
  return false
}

for (let look = 0; look < 60; look++) {
  await prm.run({ once: true })
  const [open] = await desk.list()
  const { id = '' } = open ?? {}
  const { mention } = open ? await desk.read(id) : {}
  if (open && !mention?.decision) await as('sam').decide(id, { is: 'help' })
  else if (open && !mention?.draft) await as('sam').draft(id, 'We are on it.')
  else if (open && mention?.draft && !mention.approved) await as('kim').approve(id, { n: mention.draft.n })
  else if (await posted()) break
  later += 60_000
}
console.log(`points ${points}`)
await prm.close()
