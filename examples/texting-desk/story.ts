import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Interaction, MessageReceived } from '@prm/core'
import { browser } from '../springfield/served.ts'
import { maria, type Town, town } from '../springfield/town.ts'
import type { Story, Telling } from '../story.ts'

const { patron_id, phone } = maria
const others = { kim: '+12125550151', lee: '+12125550152' }

export const story: Story = {
  about: 'patrons text keywords and questions, staff answer them on the page',
  serves: true,
  async run(telling) {
    const folder = mkdtempSync(join(tmpdir(), 'prm-texting-desk-'))
    // Wednesday, half past eight in the evening; Thanksgiving is next.
    const place = await town({ at: '2026-11-26T02:30:00.000Z', file: join(folder, 'prm.db') })
    try {
      await patronsWrite(place, telling)
      await (telling.stay ? stay(place, telling, telling.stay) : staffAnswer(place, telling))
    } finally {
      await place.close()
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

/** Texts as they come, and what was answered, read from what the simulated Twilio took. */
async function patronsWrite(place: Town, { tell }: Telling): Promise<void> {
  const { prm, sms, koha, now, url } = place
  const exchange = async (from: string, body: string): Promise<string> => {
    const before = place.texts(from).length
    await place.text(from, body)
    const answers = place.texts(from).slice(before)
    return `"${body}" was answered ${answers.length === 0 ? 'with nothing' : answers.map((one) => `"${one}"`).join(' and ')}.`
  }

  const forged = new Request(`${url}/sms`, { method: 'POST', body: new URLSearchParams({ From: phone, Body: 'STOP' }) })
  const refused = await prm.handle(forged)
  const hello = sms.webhook({ from: others.kim, body: 'HOURS' })
  const again = hello.clone()
  const taken = [await prm.handle(hello), await prm.handle(again)].map(({ status }) => status)
  await place.settle()
  const heard = await count(place, 'HOURS')
  tell(
    'door',
    now(),
    `A text without Twilio's signature was answered ${refused.status}; a text that Twilio posted twice was answered ${taken.join(' and ')}, and is ${heard} text here.`,
  )
  tell('hours', now(), `"HOURS" was answered "${place.texts(others.kim).join('" and "')}".`)
  tell('suggestion', now(), await exchange(others.kim, 'RNEW'))
  tell('link', now(), await exchange(others.kim, 'Renew 📚'))

  koha.loan({ checkout_id: 2003, patron_id, item_id: 501, due_date: '2026-11-28T23:59:00-06:00' })
  await prm.pull('koha')
  tell('renewal', now(), await exchange(phone, 'renovar'))
  tell('join', now(), `${await exchange(phone, 'JOIN TEENS')} ${await exchange(phone, 'sí')}`)
  const teens = (await rows(place, 'consent')).find(({ purpose }) => purpose === 'teens')
  tell(
    'evidence',
    now(),
    `Kept for the teen club: ${teens?.state}, "${(teens?.evidence as { text?: string } | undefined)?.text}".`,
  )
  tell('question', now(), await exchange(others.lee, 'is the 3d printer free on friday? 🙂'))
  tell(
    'stop',
    now(),
    `${await exchange(phone, 'pls stop texting me')} What is kept says ${(await rows(place, 'consent')).find(({ basis, purpose }) => basis === 'stop' && purpose === '*')?.state} for that number.`,
  )
}

/** As staff would, by the page's own forms. */
async function staffAnswer(place: Town, { tell }: Telling): Promise<void> {
  const { now, signOn, url, desk } = place
  const stranger = await fetch(`${url}/inbox/`)
  const [sam, kim] = [browser(url, signOn.header('sam')), browser(url, signOn.header('kim'))]
  await place.until('2026-11-27T16:05:00.000Z')
  const list = await sam.list()
  const [first = ''] = list
  const line = /\S.* is with nobody/.exec((await sam.read('/prm/inbox/')).replace(/^.*Closed To answer /, ''))?.[0]
  tell('page', now(), `Without signing in the page answers ${stranger.status}; to Sam it says "${line}".`)
  const [taken, late] = [await sam.press(first, 'claim'), await kim.press(first, 'claim')]
  tell('claim', now(), `Sam takes it and reads "${taken}"; Kim, who tries next, reads "${late}"`)
  const text = 'Yes, from 2 on. Bring your card.'
  const said = await sam.press(first, 'reply', { text })
  await place.settle()
  tell(
    'answer',
    now(),
    `Sam answers, and reads: "${said}" The patron's phone shows "${place.texts(others.lee).at(-1)}".`,
  )
  const closed = await sam.press(first, 'close', { read: '2', class: 'directional' })
  const { firstResponse } = await desk.measures({ since: '2026-11-25', until: now().toISOString() })
  const hours = ((firstResponse.p50 ?? 0) / 3_600_000).toFixed(1)
  tell(
    'closed',
    now(),
    `Sam closes it with READ 2 and reads "${closed}"; the first answer took ${hours} hours by the wall clock.`,
  )
}

/** The page is there for a person, until they stop it; the clock goes as theirs does. */
async function stay(place: Town, { tell, aside }: Telling, signal: AbortSignal): Promise<void> {
  place.prm.on('message', ({ conversationId, content, state }) => {
    if (conversationId) tell('answer', place.now(), `"${content.text}" went out: ${state}.`)
  })
  aside(`The page: ${place.url}/inbox/ with any name and the password ${place.signOn.password} (Ctrl-C ends it)`)
  while (!signal.aborted) {
    await place.until(new Date(place.now().getTime() + 1_000).toISOString())
    await setTimeout(1_000, undefined, { signal }).catch(() => undefined)
  }
}

async function count(place: Town, body: string): Promise<number> {
  const said = (await rows(place, 'interaction')) as unknown as readonly Interaction<string, MessageReceived>[]
  return said.filter(({ type, data }) => type === 'message.received' && data.content.text === body).length
}

async function rows({ store }: Town, kind: string): Promise<readonly Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = []
  for await (const row of store.scope('springfield').export())
    if (row.kind === kind) found.push((row.value as unknown as { value: Record<string, unknown> }).value)
  return found
}
