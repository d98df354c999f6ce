import { createPrm, messageReceived, type Scope, type Store } from '@prm/core'
import { inbox, inboxEvents } from '@prm/inbox'
import { sqlite } from '@prm/store-sqlite'
import { twilio } from '@prm/twilio'

// A host of its own on a store file, for restart.long.test.ts: it is killed at the point that it is told, or comes to the end and
// says how many points there are. What it does may be begun again from the start at any time.

interface Told {
  readonly file: string
  readonly dieAt: number
  readonly baseUrl: string
  readonly credentials: { readonly accountSid: string; readonly authToken: string; readonly from: string }
  /** As the provider signs them; it sends one again until it hears 200. */
  readonly texts: readonly { readonly url: string; readonly headers: Record<string, string>; readonly body: string }[]
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

let later = 0
const prm = createPrm({
  library: { id: 'springfield', name: 'Springfield Library', timeZone: 'America/Chicago', locale: 'en', region: 'US' },
  adapters: { sms: twilio({ ...told.credentials, baseUrl: told.baseUrl }) },
  store: counted(sqlite({ file: told.file, lease: '1s', poll: '20ms' })),
  purposes: {
    answer: { basis: 'service', class: 'service', quietHours: 'ignore' },
    pickup: { basis: 'service', class: 'service', quietHours: 'ignore' },
  },
  events: inboxEvents,
  publicUrl: 'https://library.example/prm',
  now: () => new Date(Date.now() + later),
})
const desk = inbox(prm, { purpose: 'answer' })

prm.flow('free text', messageReceived, async ({ event, step, prm }) => {
  const how = await step('receive', () => inbox(prm, { purpose: 'answer' }).receive(event))
  await step('count', () => desk.task({ key: `read ${event.key}`, subject: 'read it' }))
  const id = event.conversationId ?? ''
  if (how === 'bound')
    await prm.reply(
      id,
      { text: 'Thank you, a librarian reads this.' },
      { key: `ack ${event.key}`, purpose: 'answer', inReplyTo: [] },
    )
})

/** Until nothing is left to do, however long that takes by its clock. */
async function rest(): Promise<void> {
  for (let n = 0; n < 200; n++) {
    await prm.run({ once: true })
    let active = 0
    for (const names of [['deliver'], ['flow:free text'], ['again']])
      for (const state of ['active', 'waiting'] as const) for await (const _ of store().jobs({ state, names })) active++
    if (active === 0) return
    later += 60_000
    await new Promise((resolve) => setTimeout(resolve, 60))
  }
  throw new Error('It does not come to rest.')
}
const looked = sqlite({ file: told.file })
const store = (): Scope => looked.scope('springfield')

const to = { scheme: 'tel', value: '+12125550123' }
for (const [branch, id] of [
  ['MAIN', '17'],
  ['EAST', '18'],
] as const) {
  const notice = {
    source: 'koha',
    key: `hold-ready ${id}`,
    type: 'notice',
    branch,
    data: { kind: 'hold-ready', subjectKey: `hold:koha:${id}`, items: [{ id, collectBy: '2099-11-30' }] },
  }
  await prm.record([notice])
  await prm.send({
    to,
    purpose: 'pickup',
    content: { text: `Ready at ${branch}.` },
    key: `ready ${id}`,
    about: [notice],
  })
  await rest()
}
for (const { url, headers, body } of told.texts) {
  for (let status = 0; status !== 200; )
    ({ status } = await prm.handle(new Request(url, { method: 'POST', headers, body })))
  await rest()
}
const sam = desk.as({ kind: 'staff', id: 'sam' })
for await (const { id, source } of prm.conversations({ state: 'open' })) {
  if (source === 'prm') continue
  await sam.claim(id)
  await sam.reply(id, 'Yes, with your card.', { seen: (await desk.thread(id)).conversation.turn })
}
await rest()
for await (const { id, source } of prm.conversations({ state: 'waiting' }))
  if (source !== 'prm') await sam.close(id, { readLevel: 1 })
process.stdout.write(`points ${points}\n`)
await looked.close()
await prm.close()
