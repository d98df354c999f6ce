import { createPrm } from '@prm/core'
import { csv, outreach } from '@prm/outreach'
import { sqlite } from '@prm/store-sqlite'
import { twilio } from '@prm/twilio'
import { account, library } from '../ours.ts'
import type { Contend } from '../place.ts'
import { templates } from './input.ts'

export interface Task {
  readonly input: string
  readonly store: string
  readonly out: string
}
export interface Planned {
  readonly seconds: number
  readonly rows: number
}

/** CSV to a plan's file: checked, decided, rendered, priced, given its turn. */
export const contend: Contend<Task, Planned> = async ({ input, store: file, out }) => {
  const store = sqlite({ file })
  const home = { ...library, quietHours: { from: '21:00', to: '08:00' } }
  const price = { micros: 7_900, currency: 'USD' }
  const prm = createPrm({
    library: home,
    store,
    adapters: { sms: twilio({ ...account, price, rate: { perSecond: 75 } }) },
    purposes: { news: { basis: 'consent', class: 'promotional' } },
  })
  const began = performance.now()
  const order = { audience: csv(input), templates, purpose: 'news', via: ['sms'], by: 'bench' }
  const { summary } = await outreach({ prm, store, library: home }).plan(order, { out })
  const seconds = (performance.now() - began) / 1_000
  await prm.close()
  return { seconds, rows: summary.included }
}
