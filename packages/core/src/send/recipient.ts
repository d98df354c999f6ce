// In: a patron id or an address. Out: the patron, the recipient in their place, and the addresses that reach them.
import { type Address, type Message, type Own, type Patron, PrmError, type Told } from '../contract/index.ts'
import { aboutMinor } from '../decide/index.ts'
import { collect, type Engine, patronsAt, plannedMs, reachable, untold } from '../runtime/index.ts'
import type { capsOf } from '../schedule/index.ts'
import { instant } from '../time/index.ts'

export function whereabouts({
  id,
  timeZone,
  branch,
  preferences,
  quietHours,
}: Patron): Omit<NonNullable<Own['recipient']>, 'as'> {
  return {
    id,
    ...(timeZone && { timeZone }),
    ...(branch && { branch }),
    ...(preferences && { preferences }),
    ...(quietHours && { quietHours }),
  }
}

/** Of a patron's person no more than the rules of this purpose look at: it is stored with the decision. */
export function regarded({ options }: Engine, name: string, patron: Patron): NonNullable<Own['patron']> {
  const { birthDate, category, expires, blocks } = patron
  const { minor, class: kind, exclude } = options.purposes[name] ?? { class: 'service' }
  const minors = minor ? minor !== 'patron' : kind === 'promotional'
  return {
    ...whereabouts(patron),
    ...(birthDate && minors && { birthDate }),
    ...(category && (minors || exclude?.categories) && { category }),
    ...(expires && exclude?.expired && { expires }),
    ...(blocks && (exclude?.blocks || exclude?.expired) && { blocks }),
  }
}

/**
 * Who is told in the patron's place: a minor's guardian where the purpose says so, who acts for them where they have no
 * address at all. The first who can be reached, as their source names them.
 */
export async function standIn(
  engine: Engine,
  whose: Pick<Own, 'patron' | 'branch' | 'now' | 'purpose'>,
  { patron, addresses }: { readonly patron?: Patron; readonly addresses: readonly Address[] },
): Promise<{ recipient?: Patron; as?: 'guardian' | 'proxy'; addresses: readonly Address[] }> {
  const told = aboutMinor(engine.shared, whose)
  const as = told === 'guardian' ? told : told === 'patron' && addresses.length === 0 ? 'proxy' : undefined
  if (as)
    for (const { kind, patronId } of patron?.relations ?? []) {
      const recipient =
        kind === as && patronId !== patron?.id ? (await engine.scope.get('patron', patronId))?.value : undefined
      const theirs = recipient ? reachable(recipient) : []
      if (recipient && theirs.length > 0) return { recipient, as, addresses: theirs }
    }
  return { addresses }
}

/**
 * When else this person was told, or is to be, as far back as a cap looks; nothing is read where there is none. With
 * `before`, of what is only planned no more than what comes before it: of two that are due at once, one waits.
 */
export async function toldOf(
  engine: Engine,
  caps: ReturnType<typeof capsOf>,
  id: string | undefined,
  addresses: readonly Address[],
  before?: Message,
): Promise<readonly Told[] | undefined> {
  if (caps.length === 0) return undefined
  const from = engine.now().getTime() - Math.max(...caps.map(({ ms }) => ms))
  const since = instant(from - plannedMs)
  const queries = [...addresses.map((address) => ({ address, since })), ...(id ? [{ patronId: id, since }] : [])]
  const found = await Promise.all(queries.map((query) => collect(engine.scope.find('message', query))))
  const messages = new Map(found.flat().map((message) => [message.key, message]))
  return [...messages.values()].flatMap((message) => {
    const { key, purpose, state, attempts, notBefore, confirms, recipient = message.patronId } = message
    if (recipient !== id || confirms || key === before?.key || untold.has(state)) return []
    const isLater = before && `${notBefore} ${key}` > `${before.notBefore} ${before.key}`
    if (state === 'planned') return isLater ? [] : [{ at: notBefore, purpose }]
    const at = attempts.at(-1)?.at ?? notBefore
    return Date.parse(at) > from ? [{ at, purpose }] : []
  })
}

/** Who is meant, and every address that could reach them. Two patrons at one address are nobody in particular. */
export async function recipientOf(
  engine: Engine,
  to: string | Address,
): Promise<{ patron?: Patron; addresses: readonly Address[] }> {
  if (typeof to === 'string') {
    const found = await engine.scope.get('patron', to)
    if (!found)
      throw new PrmError('invalid', 'No patron has this id: give the id of a patron, or an address.', { field: 'to' })
    return { patron: found.value, addresses: reachable(found.value) }
  }
  const [patron, another] = await patronsAt(engine, to)
  const one = patron && !another ? { patron } : {}
  if (to.scheme !== 'ils') return { ...one, addresses: [to] }
  return { ...one, addresses: patron && !another ? reachable(patron) : [] }
}
