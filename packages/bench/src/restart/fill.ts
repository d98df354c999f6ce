import { phone } from '@prm/kit'
import { recipients } from '../audience.ts'
import { host, sendOf, storeAt } from '../ours.ts'
import type { Contend } from '../place.ts'

/** A store with so many messages that are due. */
export const contend: Contend<{ readonly file: string; readonly count: number }, object> = async ({ file, count }) => {
  const { prm } = host(await storeAt(file))
  function* sends() {
    for (const one of recipients(count)) yield sendOf(one, phone(one.phone, 'US').e164 ?? '')
  }
  for await (const { outcome } of prm.sendAll(sends())) if (!outcome.send) throw new Error('Decided against.')
  await prm.close()
  return {}
}
