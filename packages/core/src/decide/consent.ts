// In: all consents known for an address. Out: why it may not be written to, if so. Promise: the latest one decides.
import { type Address, type Library, type Own, type Purpose, sameAddress } from '../contract/index.ts'
import { latest } from '../time/index.ts'

/** Why this address may not be written to now for this purpose: the latest word on it decides. `bad`: nobody can be reached there; `silent`: nobody ever agreed. */
export function refusalOf(
  own: Pick<Own, 'consents' | 'purpose'>,
  to: Address,
  purpose: Purpose,
  library: Library,
): { rule: 'suppressed' | 'consent'; detail: string; bad?: true; silent?: true } | undefined {
  const said = own.consents.filter(
    ({ address, purpose: what }) =>
      // A word that names no realm is of the address in all of them.
      sameAddress(address, address.realm === undefined ? { scheme: to.scheme, value: to.value } : to) &&
      (what === '*' || what === own.purpose || what === `class:${purpose.class}`),
  )
  // A number that proves to be a bad one hides no word of its owner.
  const owners = latest(said.filter(({ basis }) => basis !== 'bounce'))
  const last = owners?.state === 'denied' ? owners : latest(said)
  if (last?.state === 'denied') {
    const on = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', timeZone: library.timeZone }).format(
      Date.parse(last.at),
    )
    if (last.basis === 'stop') return { rule: 'suppressed', detail: `asked to stop on ${on}` }
    if (last.basis === 'bounce') return { rule: 'suppressed', detail: `could not be reached on ${on}`, bad: true }
    if (last.basis === 'complaint') return { rule: 'suppressed', detail: `complained on ${on}` }
    return { rule: 'consent', detail: `refused on ${on}` }
  }
  // START takes a STOP back, and agrees to nothing that nobody agreed to before; nor does a bad number take that back.
  const agreed = latest(said.filter(({ basis }) => basis !== 'stop' && basis !== 'service' && basis !== 'bounce'))
  if (purpose.basis === 'consent' && agreed?.state !== 'granted')
    return { rule: 'consent', detail: 'Nobody at this address agreed to this purpose.', silent: true }
  return undefined
}

export function spokenScheme(scheme: string): string {
  return scheme === 'tel' ? 'phone number' : scheme === 'mailto' ? 'e-mail address' : scheme
}
