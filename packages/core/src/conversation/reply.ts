// In: a reply of staff or of the host. Out: a decision and its message. Promise: of two replies at once, the second sees the
// first.
import {
  type Actor,
  type Content,
  type Conversation,
  type Decision,
  type Message,
  type Prm,
  PrmError,
  type Question,
  type Ref,
  refId,
} from '../contract/index.ts'
import { followed, turned } from '../ingest/index.ts'
import { decisionOf, type Engine, now, put } from '../runtime/index.ts'
import { batchOf, check, forget, prepare } from '../send/index.ts'

/** Decides and stores the answer with what the conversation is by it: of two at once, the second sees the first. */
export async function reply(
  engine: Engine,
  by: Actor,
  conversationId: string,
  content: Content,
  { key, purpose, inReplyTo, seen }: Parameters<Prm['reply']>[2],
): ReturnType<Prm['reply']> {
  for (;;) {
    const known = await decisionOf(engine, key)
    if (known?.outcome.send) return { ...(await withMessage(engine, known)), fresh: false }
    const { id, row } = await followed(engine, conversationId)
    if (!row) throw new PrmError('not_found', 'There is no conversation of this id.', { field: 'conversationId' })
    const before = row.value
    const { source, who, to } = before.last ?? before
    if (!who || !engine.options.adapters[source]?.channel)
      throw new PrmError('invalid', `reply: nothing can be sent by "${source}": it has no channel here.`, {
        field: 'conversationId',
      })
    if (seen !== undefined && Math.max(before.replied ?? 0, before.heard ?? 0) > seen) {
      const what = (before.replied ?? 0) > seen ? 'it has been answered' : 'the patron has written'
      throw new PrmError('conflict', `reply: ${what} since: look at that, then answer.`, { field: 'seen' })
    }
    const send = { to: who, adapters: [source], purpose, content, key, about: before.pending }
    const asked = { ...check(engine, send), by, reply: { id, ...(to && { from: to }) } }
    const [prepared] = await Promise.all([prepare(engine, [asked]), engine.share()])
    const batch = batchOf(prepared)
    const after = prepared.message ? answeredWith(engine, before, by, inReplyTo) : before
    const [written] = await engine.scope.commit([
      { ...batch, put: [...(batch.put ?? []), put('conversation', after, row.version)] },
    ])
    if (written) {
      engine.emit('decided', prepared.decision)
      return { decision: prepared.decision, ...(prepared.message && { message: prepared.message }), fresh: true }
    }
    forget(engine, [prepared])
  }
}

async function withMessage(engine: Engine, decision: Decision): Promise<{ decision: Decision; message?: Message }> {
  const row = await engine.scope.get('message', decision.key)
  return { decision, ...(row && { message: row.value }) }
}

/** What a machine alone has answered is closed by it; a person waits for what the patron says. */
function answeredWith(
  engine: Engine,
  before: Conversation,
  by: Actor,
  answers: readonly Ref[] | undefined,
): Conversation {
  const done = new Set(answers?.map(refId))
  const pending = answers ? before.pending.filter((one) => !done.has(refId(one))) : []
  if (answers?.length === 0) return turned(engine, before.id, before, before)
  const person = by.kind === 'staff'
  const question: Question | undefined = before.questions.at(-1)
  const cared = person || before.assignee !== undefined || question?.answered !== undefined
  const state = pending.length > 0 ? before.state : cared ? 'waiting' : 'closed'
  const at = now(engine)
  const changed: Question | undefined = question && {
    ...question,
    ...(person && !question.answered && { answered: at }),
    ...(state === 'closed' && !question.closed && { closed: at }),
  }
  const questions = changed ? [...before.questions.slice(0, -1), changed] : before.questions
  const turn = before.turn + 1
  const { failed: _, ...rest } = before
  return turned(engine, before.id, before, { ...rest, state, pending, questions, replied: turn })
}
