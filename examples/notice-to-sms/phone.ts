import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { PrmError } from '@prm/core'
import { maria, type Town, town } from '../springfield/town.ts'

/** Who you may be: the patrons of the simulated Koha that have a phone. */
const patrons = {
  maria: { ...maria, name: 'Maria Lopez', has: 'two loans, one of which somebody waits for' },
  ada: {
    patron_id: 1001,
    phone: '+12125550134',
    name: 'Ada Pine',
    has: 'one loan, and a phone that she shares with Ben Rowan',
  },
} as const
const names = Object.keys(patrons) as readonly (keyof typeof patrons)[]
/** Of one text, as Twilio takes it. */
const most = 1_600

/** `npm start -- --phone [NAME]`: each line of the input is a text of that patron; what the library answers is shown. */
export async function phone(
  args: readonly string[],
  { input, line, prompt }: { input: Readable; line(text: string): void; prompt?: (text: string) => void },
): Promise<number> {
  const [name = 'maria', ...more] = args
  const who = names.find((one) => one === name.toLowerCase())
  if (!who || more.length > 0)
    throw new PrmError(
      'config',
      `--phone takes one of ${names.join(', ')}, or nothing, and goes with no other option; not "${args.join(' ')}".`,
    )
  const patron = patrons[who]
  const place = await town({ at: '2026-11-24T16:00:00.000Z' }) // Tuesday, ten in the morning
  try {
    const show = listener(place, patron.phone, line)
    await begin(place, patron.patron_id)
    line(`It is Tuesday, 10:12, in Springfield. You are ${patron.name}, ${patron.phone}, with ${patron.has}.`)
    show()
    line('Type a text, such as RENEW, MYITEMS, HOURS, JOIN TEENS, STOP, or a question. Ctrl-D ends it.')
    prompt?.('> ')
    for await (const typed of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      const text = typed.replaceAll(/\p{Cc}/gu, ' ').trim()
      if (text === '') line('  ! An empty text is not sent: type a word, such as RENEW, or a question.')
      else if ([...text].length > most)
        line(`  ! Not sent: it has ${[...text].length} characters, and a text ${most} at the most.`)
      else {
        if (!prompt) line(`  ${patron.name} ▸ ${text}`)
        await place.text(patron.phone, text)
        show()
        // The same keyword twice in a minute is answered once: whoever types takes their time.
        await place.until(new Date(place.now().getTime() + 60_000).toISOString())
      }
      prompt?.('> ')
    }
    return 0
  } finally {
    await place.close()
  }
}

/** Loans, and a hold of which the patron was told. */
async function begin(place: Town, patron_id: number): Promise<void> {
  place.koha.loan({ checkout_id: 2003, patron_id, item_id: 501, due_date: '2026-11-26T23:59:00-06:00' })
  if (patron_id === maria.patron_id) {
    place.koha.loan({ checkout_id: 2004, patron_id, item_id: 503, due_date: '2026-11-30T23:59:00-06:00' })
    place.koha.hold({ patron_id: 1001, biblio_id: 103 })
  }
  const shelf = { status: 'W', waiting_date: '2026-11-24', expiration_date: '2026-12-01' }
  place.koha.hold({ hold_id: 3003, patron_id, biblio_id: 102, item_id: 502, ...shelf })
  await place.until('2026-11-24T16:12:00.000Z')
}

/** Shows what came since it was asked last: texts to this phone, what Twilio says by itself, and why no text comes. */
function listener(place: Town, phone: string, line: (text: string) => void): () => void {
  const against: string[] = []
  place.prm.on('decided', ({ outcome, reasons, purpose }) => {
    const why = reasons.find(({ verdict }) => verdict === 'reject')?.detail
    if (!outcome.send && purpose === 'answer' && why) against.push(why)
  })
  let [texts, words] = [0, 0]
  return () => {
    const [sent, own] = [place.texts(phone), place.sms.autoReplies().filter(({ to }) => to === phone)]
    const news = [
      ...own.slice(words).map(({ word }) => `Twilio ▸ (its own answer to ${word.toUpperCase()})`),
      ...sent.slice(texts),
      ...against.splice(0).map((why) => `(no text comes back: ${why.replace(/\.$/, '')})`),
    ]
    ;[texts, words] = [sent.length, own.length]
    for (const one of news.length > 0 ? news : ['(no text comes back)']) line(`  ${one}`)
  }
}
