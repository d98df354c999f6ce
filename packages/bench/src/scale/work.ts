import { phone } from '@prm/kit'
import { type Recipient, recipients } from '../audience.ts'
import { host, sendOf } from '../ours.ts'
import type { Contend } from '../place.ts'

export interface Task {
  readonly file: string
  readonly provider: string
  readonly count: number
  /** Goes into the keys: each run sends anew, to the same people. */
  readonly run: string
}
export interface Cost {
  /** Microseconds of CPU a message, from `sendAll` to the outcome of its call on disk. */
  readonly cpu: number
}

/** Decides and sends on top of what is stored. */
export const contend: Contend<Task, Cost> = async ({ file, provider, count, run }) => {
  const { prm } = host(file, { provider, url: 'https://library.example/prm' })
  await prm.run({ once: true }) // what a start costs is not a message's
  const used = process.cpuUsage()
  function* sends() {
    for (const one of recipients(count)) yield { ...sendOf(one, e164(one)), key: `${run} ${one.card}` }
  }
  for await (const { outcome } of prm.sendAll(sends())) if (!outcome.send) throw new Error('Decided against.')
  await prm.run({ once: true })
  const { user, system } = process.cpuUsage(used)
  await prm.close()
  return { cpu: (user + system) / count }
}

const e164 = (one: Recipient): string => phone(one.phone, 'US').e164 ?? ''
