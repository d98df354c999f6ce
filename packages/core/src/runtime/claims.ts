// In: a notice. Out: the claim that makes it one message, from however many sources it comes.
import { type Claim, type Interaction, isNotice, type Notice, type Ref } from '../contract/index.ts'
import { type Engine, now } from './engine.ts'
import { hash } from './names.ts'

/** The claim on what a notice tells, be it by webhook, poll or file: its matter, kind and date. And who has it already. */
export async function claimOf(engine: Engine, fact: Interaction<'notice', Notice>, key: string): Promise<Claimed> {
  const { source, key: told, data } = fact
  const mine = { id: claimId(data), at: now(engine), key, about: { source, key: told } }
  return { mine, known: (await engine.scope.get('claim', mine.id))?.value }
}

export interface Claimed {
  readonly mine: Claim & { readonly about: Ref }
  readonly known: Claim | undefined
}

/** The claims that facts like this one make. */
export function claimsBy(fact: Interaction): readonly { readonly kind: 'claim'; readonly id: string }[] {
  return isNotice(fact) ? [{ kind: 'claim', id: claimId(fact.data) }] : []
}

function claimId({ subjectKey, kind, level = 0, items }: Notice): string {
  return hash(subjectKey, kind, String(level), ...items.map((item) => item.collectBy ?? item.due ?? ''))
}
