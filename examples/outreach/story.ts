import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Library } from '@prm/core'
import { testPrm } from '@prm/core/testing'
import { outreach, type PlanLine, rows } from '@prm/outreach'
import { sqlite } from '@prm/store-sqlite'
import { twilio } from '@prm/twilio'
import { simulate } from '@prm/twilio/simulator'
import type { Story } from '../story.ts'

const library: Library = {
  id: 'springfield',
  name: 'Springfield Library',
  timeZone: 'America/Chicago',
  locale: 'en',
  region: 'US',
  quietHours: { from: '21:00', to: '08:00' },
}
const price = { micros: 7_900, currency: 'USD' } as const
const people = 5_000

export const story: Story = {
  about: '5,000 patrons are told of Sunday hours: planned, approved, sent, and what it brought',
  async run({ tell }) {
    const folder = mkdtempSync(join(tmpdir(), 'prm-outreach-'))
    let clock = Date.parse('2026-11-25T02:30:00.000Z') // half past eight in the evening in Springfield
    const now = (): Date => new Date(clock)
    const provider = await simulate({ price, now })
    const prm = await testPrm({
      at: now().toISOString(),
      store: sqlite({ memory: true }),
      library,
      adapters: { sms: twilio({ ...provider.credentials, baseUrl: provider.url, price }) },
      purposes: { news: { basis: 'consent', class: 'promotional' } },
    })
    const wait = async (seconds: number): Promise<void> => {
      clock += seconds * 1_000
      await prm.advance(`${seconds}s`)
    }
    const bulk = outreach({ prm, store: prm.store, library, key: 'of this example alone, and long enough' })
    const file = join(folder, 'plan.ndjson')
    try {
      const plan = await bulk.plan(
        {
          audience: rows(town(), { from: 'patrons.csv' }),
          templates: [
            {
              text: '{{ library }}: {{ name }}, we’re open on Sundays from 1 to 5 now, in every branch, from this week on. Come in. Reply STOP to end.',
            },
            {
              language: 'es',
              text: '{{ library }}: {{ name }}, abrimos los domingos de 1 a 5 desde esta semana. Responda STOP para no recibir.',
            },
          ],
          purpose: 'news',
          via: ['sms'],
          by: 'Ann Planner',
          holdout: { share: 0.1, seed: 'sundays' },
        },
        { out: file },
      )
      const { rows: all, included, excluded, bad, parts, cost, finish } = plan.summary
      const why = Object.entries(excluded).flatMap(([reason, count]) => (count > 0 ? [`${count} ${reason}`] : []))
      tell(
        'plan',
        now(),
        `Of ${all} rows ${included} are to be written to, ${bad} are bad and the rest is left out: ${why.join(', ')}. ${parts} parts cost ${money(cost)}, and the last goes at ${finish}.`,
      )
      tell('lint', now(), plan.lint.map(({ what }) => what).join('; '))
      const [one] = plan.bad
      tell('bad', now(), `All ${bad} are listed, such as line ${one?.line}, ${one?.field}: ${one?.why}`)
      const refused = async (work: Promise<unknown>): Promise<string> =>
        work.then(
          () => 'It was not refused.',
          (error: Error) => error.message,
        )
      tell('no approval', now(), await refused(bulk.run(file, { once: true })))
      tell('same person', now(), await refused(bulk.approve(file, { by: 'ann  planner' })))
      const approval = await bulk.approve(file, { by: 'Bea Second' })
      tell('approval', now(), `${approval.by} approved the plan ${plan.id}.`)

      const canary = { size: 200, watch: '10m' } as const
      const stops = (line: PlanLine | undefined): Promise<void> =>
        prm.recordConsent({
          address: { scheme: 'tel', value: line?.is === 'recipient' ? line.to.slice(4) : '' },
          purpose: '*',
          state: 'denied',
          basis: 'stop',
        })
      const written = lines(file).filter((line) => line.is === 'recipient')
      let run = await bulk.run(file, { once: true, canary })
      tell(
        'canary',
        now(),
        `${run.summary.sent} went first, to those for whom it is not nine yet, and are watched until ${run.next}.`,
      )
      await stops(written.find(({ zone }) => zone === 'America/Chicago')) // had the text
      await stops(written.find(({ zone }) => zone === 'America/New_York')) // waits for the morning
      await wait(600)
      run = await bulk.run(file, { once: true, canary })
      tell(
        'evening',
        now(),
        `${run.summary.sent} have gone; ${run.summary.waiting} wait until ${run.next}: where they live it is past nine.`,
      )
      await bulk.pause(file, { by: 'Bea Second' })
      await wait(12 * 3_600)
      run = await bulk.run(file, { once: true, canary })
      tell(
        'pause',
        now(),
        `Paused by Bea Second, in the morning it is ${run.state.standing}: ${run.summary.sent} have gone.`,
      )
      await bulk.resume(file, { by: 'Bea Second' })
      run = await bulk.run(file, { once: true, canary })
      const { sent, failed, waiting, excluded: out } = run.summary
      tell(
        'done',
        now(),
        `${sent} sent, ${failed} failed, ${waiting} waiting and ${out} left out are ${sent + failed + waiting + out} of ${all - bad}; one who opted out in the night got none.`,
      )
      await wait(60)
      const { equal, bill } = await bulk.reconcile(file)
      tell(
        'bill',
        now(),
        `The provider charges ${money(bill)}: ${equal ? 'what was sent, to the cent' : 'not what was sent'}.`,
      )
      const { text } = await bulk.report(file, {
        acted: acted(file),
        worth: { micros: 1_500_000, currency: 'USD' },
        optOutCosts: { micros: 4_000_000, currency: 'USD' },
      })
      tell('report', now(), text)
      const again = provider.messages().length
      await bulk.run(file, { once: true })
      tell('again', now(), `A second run of the same plan sends ${provider.messages().length - again} more.`)
    } finally {
      await prm.close()
      await provider.close()
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

/** Area codes, each with a hundred numbers that are set aside for invented people. */
const areas = [
  201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219, 225, 228, 229, 231, 234, 239,
  240, 248, 251, 252, 253, 254, 256, 260, 262, 267, 269, 270, 272, 276, 281, 301, 302, 303, 304, 305, 307, 308, 309,
  310, 312, 313, 314,
]

/** Invented people, in two languages and three zones; some of everything that may be wrong. */
function* town(): Generator<Record<string, string>> {
  const zones = ['America/New_York', 'America/Chicago', 'America/Denver']
  for (let n = 0; n < people; n++)
    yield {
      id: String(20_000 + n),
      name: n % 500 === 7 ? '' : `Ann ${n}`,
      phone:
        n % 40 === 3
          ? ''
          : n % 200 === 9
            ? '212-55'
            : `${areas[Math.floor(n / 100)]}-555-01${String(n % 100).padStart(2, '0')}`,
      language: n % 4 === 0 ? 'es' : 'en',
      timezone: zones[n % 3] as string,
      birthdate: n % 25 === 1 ? '2014-05-01' : '1980-05-01',
      expires: n % 50 === 2 ? '2025-01-01' : '2030-01-01',
      consent: n % 20 === 4 ? 'no' : n % 30 === 5 ? '' : 'yes',
    }
}

function lines(file: string): readonly PlanLine[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .slice(1, -1)
    .map((line) => JSON.parse(line) as PlanLine)
}

/** Who came on a Sunday, as a door counter with cards would tell: more of those who were written to. */
function acted(file: string): readonly string[] {
  return lines(file).flatMap((line, n) => {
    if (line.is === 'recipient') return n % 100 < 14 ? [line.id] : []
    return line.is === 'excluded' && line.why === 'holdout' && n % 100 < 8 ? [line.id] : []
  })
}

function money(costs: readonly { readonly minor: number; readonly currency: string }[]): string {
  return costs.map(({ minor, currency }) => `${(minor / 100).toFixed(2)} ${currency}`).join(', ')
}
