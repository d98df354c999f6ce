import { host, storeAt } from '../ours.ts'
import type { Contend } from '../place.ts'

export interface Task {
  readonly database: string
  readonly provider: string
}
/** When it began and ended, in milliseconds since 1970. */
export interface Worked {
  readonly from: number
  readonly until: number
  readonly taken: number
}

/** One of several machines that send what one database holds: it begins when it is told to, and ends when nothing is due. */
export const contend: Contend<Task, Worked> = async ({ database, provider }, life) => {
  const { prm } = host(await storeAt(database), { provider, url: 'https://library.example/prm' })
  let taken = 0
  prm.on('message', ({ state }) => {
    if (state === 'accepted') taken++
  })
  await prm.run({ once: true, deliver: false }) // connected
  await life.ready()
  const from = Date.now()
  await prm.run({ once: true })
  const until = Date.now()
  await prm.close()
  return { from, until, taken }
}
