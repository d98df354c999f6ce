import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { springfield } from '../springfield/host.ts'
import { browser } from '../springfield/served.ts'
import { maria, pluginTells, type Town, town } from '../springfield/town.ts'
import type { Story, Telling } from '../story.ts'
import { ownLibrary, ownOf } from './own.ts'
import { type Scene, steps } from './steps.ts'

export const story: Story = {
  about: 'a hold is told, renewed, asked about, answered by staff, and the next goes by mail',
  async run(telling) {
    const own = ownOf(process.env)
    const folder = mkdtempSync(join(tmpdir(), 'prm-hold-to-renewal-'))
    const file = join(folder, 'prm.db')
    try {
      if (!own) return await simulated(telling, file)
      const library = await ownLibrary(own, process.env, file)
      const stop = new AbortController()
      process.once('SIGINT', () => stop.abort())
      for (const words of library.words) telling.aside(words)
      const working = library.host.prm.run({ signal: stop.signal })
      try {
        await follow(library, telling, stop.signal)
      } finally {
        stop.abort()
        await working
        await library.close()
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

/** With real people: each step is told once it shows in the store. */
async function follow(scene: Scene, { tell, aside }: Telling, signal: AbortSignal): Promise<void> {
  for (const { name, wanted, seen } of steps) {
    if (wanted) aside(`▸ ${wanted}`)
    let text = await seen(scene)
    while (text === undefined && !signal.aborted) {
      await setTimeout(1_000, undefined, { signal }).catch(() => undefined)
      text = await seen(scene)
    }
    if (text === undefined) return
    tell(name, new Date(), text)
  }
}

async function simulated({ tell }: Telling, file: string): Promise<void> {
  const place = await town({ at: sunday, file })
  try {
    await walk(place, tell)
  } finally {
    await place.close()
  }
}

/** Half past nine in the evening, two days before the branch opens. */
export const sunday = '2026-11-23T03:30:00.000Z'

/** What patron, staff, Koha and Twilio do, and then the same look into the store as with real ones. */
export async function walk(place: Town, tell: Telling['tell']): Promise<void> {
  const card = { scheme: 'ils', realm: 'koha/card', value: '23529000010003' }
  const scene = { host: place, card, timeZone: springfield.timeZone }
  for (const { name, seen } of steps) {
    await deeds[name]?.(place)
    const text = await seen(scene)
    if (text === undefined) throw new Error(`The step "${name}" did not come about.`)
    tell(name, place.now(), text)
  }
}

const { patron_id, phone } = maria
const deeds: { readonly [step: string]: (town: Town) => Promise<unknown> } = {
  async event(town) {
    town.koha.loan({ checkout_id: 2003, patron_id, item_id: 501, due_date: '2026-11-27T23:59:00-06:00' })
    town.koha.loan({ checkout_id: 2004, patron_id, item_id: 503, due_date: '2026-11-30T23:59:00-06:00' })
    town.koha.hold({ patron_id: 1001, biblio_id: 103, hold_date: '2026-11-21' }) // somebody waits for the second
    holdWaits(town, 3003, '2026-11-29')
    await town.settle()
    await pluginTells(town, 3003, patron_id)
    await town.settle()
  },
  patron: (town) => town.until('2026-11-23T03:45:00.000Z'),
  're-check': async (town) => {
    // Twilio says each word twice this time, and one of them again when all is over.
    town.sms.fault('duplicate-report')
    await town.until('2026-11-24T16:01:00.000Z')
  },
  async delivery(town) {
    const sid = town.sms.messages()[0]?.sid ?? ''
    await town.prm.handle(town.sms.webhook({ sid, status: 'sent' }))
    await town.prm.handle(town.sms.webhook({ sid, status: 'queued' }))
    await town.settle()
  },
  async renewal(town) {
    await town.until('2026-11-24T16:10:00.000Z')
    await town.text(phone, 'RENEW')
  },
  async question(town) {
    await town.until('2026-11-24T16:20:00.000Z')
    await town.text(phone, 'can my wife collect it?')
  },
  async answer(town) {
    await town.until('2026-11-24T16:32:00.000Z')
    const page = browser(town.url, town.signOn.header('sam'))
    const [first = ''] = await page.list()
    await page.press(first, 'claim')
    await town.until('2026-11-24T16:33:00.000Z')
    await page.press(first, 'reply', { text: 'Yes, with your card.' })
    await town.settle()
  },
  async closed(town) {
    const page = browser(town.url, town.signOn.header('sam'))
    await town.until('2026-11-24T16:40:00.000Z')
    const [conversation] = await town.desk.among('waiting')
    await page.press(`/prm/inbox/c/${encodeURIComponent(conversation?.id ?? '')}`, 'close', {
      read: '1',
      class: 'policy',
    })
  },
  async stop(town) {
    await town.until('2026-11-24T17:00:00.000Z')
    await town.text(phone, 'STOP')
    await town.until('2026-11-24T17:05:00.000Z')
    holdWaits(town, 3004, '2026-12-01')
    await town.until('2026-11-24T17:30:00.000Z')
  },
}

/** A hold of Maria's stands on the shelf of the Elm Branch, until that day. */
export function holdWaits({ koha, now }: Town, hold_id: number, expiration_date: string): void {
  const waiting_date = now().toISOString().slice(0, 10)
  koha.hold({
    hold_id,
    patron_id,
    biblio_id: 102,
    item_id: 502,
    status: 'W',
    priority: 0,
    waiting_date,
    expiration_date,
    pickup_library_id: 'ELM',
  })
}
