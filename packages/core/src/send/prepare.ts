// In: one send, or the members of a digest. Out: the decision, and the message with everything that is stored beside it. Promise:
// between the slot that is taken and the message that has it nothing else runs.
import {
  type Before,
  type Claim,
  type Content,
  type Decision,
  type Draft,
  type Json,
  type Message,
  type Own,
  type Put,
  refId,
  type Sending,
  sameAddress,
} from '../contract/index.ts'
import { decide } from '../decide/index.ts'
import { type Engine, put } from '../runtime/index.ts'
import { deadline } from '../time/index.ts'
import { type Gathered, gather } from './gather.ts'
import type { Asked } from './request.ts'
import { loadSpent, pay, sendersFor, spentBy, take, withSlots } from './sender-schedule.ts'

export interface Prepared {
  readonly decision: Decision
  readonly message?: Message
  /** The sender's schedule with this message in it, and the claims that it alone makes: whoever was quicker makes them fail. */
  readonly turn?: readonly Put[]
  /** Its purpose ignores quiet hours: nor does it wait behind what is due already. */
  readonly urgent?: boolean
}

type Sends = readonly [Asked, ...Asked[]]
type Written = Draft & { readonly content?: Content }

/** Gathers what is known, writes the texts and decides. `claimed` are the claims of others that are decided with it. */
export async function prepare(
  engine: Engine,
  sends: Sends,
  after?: Before,
  books = true,
  claimed: Map<string, Claim> = new Map(),
): Promise<Prepared> {
  const [send] = sends
  const outage = after?.outage
  const gathered = await gather(engine, sends, after)
  const { inputs, written, claims, zone } = gathered
  const from = send.reply?.from
  const senders = await sendersFor(engine, written, from)
  // What is only tried out is tried by what all have spent.
  if (outage) await loadSpent(engine, send.purpose, !books)
  // From here to the slot that is taken nothing else runs.
  const others = claims.flatMap(({ mine, known = claimed.get(mine.id) }) =>
    known?.about && refId(known.about) !== refId(mine.about) ? [{ source: 'prm', key: known.key }] : [],
  )
  const slots = withSlots(engine, inputs, written, senders)
  const drafts: readonly Written[] = from ? slots.map((draft) => ({ ...draft, from })) : slots
  const own: Own = {
    ...inputs,
    ...(others[0] && { earlier: others[0] }),
    ...(outage && { spent: spentBy(engine, send.purpose) }),
    drafts: drafts.map(({ content: _, ...draft }) => draft as Draft),
  }
  const decision = decisionFrom(engine, sends, gathered, own, after)
  const { outcome } = decision
  // A digest that waits for one of its sends, until another is over, does not go as one message.
  const late = sends.some(
    ({ expireAt }) => expireAt && outcome.send && deadline(expireAt, zone) <= Date.parse(outcome.notBefore),
  )
  if (!outcome.send || late) return { decision }
  const message = messageFrom(engine, sends, gathered, outcome, drafts)
  const claim = claims.flatMap(({ mine, known }) => (known ? [] : [put('claim', mine, 0)]))
  for (const { mine } of claims) claimed.set(mine.id, mine)
  const { via, notBefore, cost } = outcome
  const around = outage && cost && via !== outage.of
  const paid = books && around ? pay(engine, send.purpose, Date.parse(notBefore), cost.micros) : []
  const turn = [...(books ? take(engine, message) : []), ...paid, ...claim]
  return { decision, message, turn, urgent: engine.options.purposes[send.purpose]?.quietHours === 'ignore' }
}

function decisionFrom(engine: Engine, sends: Sends, found: Gathered, own: Own, after: Before | undefined): Decision {
  const [send] = sends
  const { about, patron, recipient } = found
  return {
    key: send.key,
    keys: sends.map((one) => one.key),
    at: own.now,
    ...(patron && { patronId: patron.id }),
    ...(recipient && { recipient: recipient.id }),
    ...(after && { replaces: { source: 'prm', key: after.key } }),
    about,
    purpose: send.purpose,
    ...decide(engine.shared, own),
    inputs: { shared: engine.sharedId, own: own as unknown as Json },
    ...(send.by && { by: send.by }),
  }
}

function messageFrom(
  engine: Engine,
  sends: Sends,
  { patron, recipient, branch }: Gathered,
  { send: _, cost: _cost, ...way }: Sending,
  drafts: readonly Written[],
): Message {
  const [send] = sends
  const draft = drafts.find((one) => one.via === way.via && sameAddress(one.to, way.to))
  const slot = draft && 'measure' in draft && draft.slot
  const { fallback, failover, minor } = engine.options.purposes[send.purpose] ?? {}
  // The recipient, the medium and what is still true may be others at release.
  const other =
    (fallback ?? failover) !== undefined || (minor !== undefined && minor !== 'patron') || recipient !== undefined
  const keeps = !send.reply && (other || sends.some(({ recheck }) => recheck !== undefined))
  return {
    key: send.key,
    ...(patron && { patronId: patron.id }),
    ...(recipient && { recipient: recipient.id }),
    decision: send.key,
    purpose: send.purpose,
    ...way,
    ...(slot && { slot }),
    content: draft?.content as Content,
    ...(keeps && { sends: sends as unknown as readonly Json[] }),
    ...(send.reply && { conversationId: send.reply.id }),
    ...(branch && { branch }),
    ...(send.campaign !== undefined && { campaign: send.campaign }),
    state: 'planned',
    attempts: [],
  }
}
