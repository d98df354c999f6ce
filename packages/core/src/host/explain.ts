// In: the key of a send. Out: why it was sent or not, in words.
import {
  type Actor,
  type Decision,
  type Interaction,
  isNotice,
  type Message,
  messageDelivery,
  type Notice,
  refId,
} from '../contract/index.ts'
import { claimsBy, collect, decisionOf, type Engine } from '../runtime/index.ts'
import { spoken } from '../time/index.ts'
import { decided } from './replay.ts'

export async function explain(
  engine: Engine,
  by: Actor,
  key: string,
): Promise<{ decision: Decision; message?: Message; timeline: readonly Interaction[]; text: string }> {
  const decision = await decided(engine, by, 'explain', key)
  const message = (await engine.scope.get('message', decision.key))?.value
  const causes = await Promise.all(decision.about.map((ref) => engine.scope.get('interaction', refId(ref))))
  const other = await decisionOf(engine, `${key} again`)
  const reports = await collect(engine.scope.find('interaction', { about: { source: 'prm', key: decision.key } }))
  const timeline = [...causes.flatMap((row) => (row ? [row.value] : [])), ...reports]
  const text = [
    ...inWords(engine, decision, message, timeline),
    ...(await conflicts(engine, timeline)),
    ...(other ? [`  Then another way: see "${other.key}".`] : []),
  ].join('\n')
  return { decision, ...(message && { message }), timeline, text }
}

/** For the desk: what was decided and why, then what became of it, a line each; no name, number or title. */
function inWords(
  engine: Engine,
  { at, purpose, outcome, reasons, keys }: Decision,
  message: Message | undefined,
  timeline: readonly Interaction[],
): readonly string[] {
  const { library } = engine.options
  const when = (moment: string) => spoken(Date.parse(moment), library.timeZone)
  const reports = Map.groupBy(
    timeline.filter((fact) => fact.type === messageDelivery.name),
    (fact) => when(fact.seen ?? at),
  )
  const waits = message?.state === 'planned' && outcome.send && message.notBefore > outcome.notBefore
  const head = outcome.send
    ? `To be sent by ${outcome.via} from ${when(outcome.notBefore)}`
    : `Not sent: ${outcome.rule}`
  return [
    `${head} (${purpose}${keys.length > 1 ? `, ${keys.length} in one` : ''}, decided ${when(at)}).`,
    ...reasons.map(
      ({ verdict, rule, via, detail }) =>
        `  ${{ pass: '✓', reject: '✗', defer: '…' }[verdict]} ${rule}${via ? ` (${via})` : ''}: ${detail}`,
    ),
    ...(message?.attempts ?? []).map((attempt) => `  → ${when(attempt.at)} ${attempt.outcome}`),
    ...[...reports].map(
      ([moment, words]) =>
        `  ← ${moment} reported: ${words.map(({ data }) => (data as { raw: string }).raw).join(', ')}`,
    ),
    ...(message ? [`  Now: ${message.state}${waits ? `, until ${when(message.notBefore)}` : ''}.`] : []),
  ]
}

/** What the newest word of another source on one of these matters says otherwise, and as which of them says it was told. */
async function conflicts(engine: Engine, timeline: readonly Interaction[]): Promise<readonly string[]> {
  const lines: string[] = []
  for (const fact of timeline.filter(isNotice)) {
    const heard = new Set([fact.source])
    for await (const other of engine.scope.find('interaction', { subjectKey: fact.data.subjectKey, order: 'newest' })) {
      if (!isNotice(other) || other.data.kind !== fact.data.kind || heard.has(other.source)) continue
      heard.add(other.source)
      const ours = saidBy(fact)
      const differ = Object.entries(saidBy(other)).filter(([what, said]) => said !== ours[what])
      if (differ.length === 0) continue
      // No title is named here.
      const words = differ.map(([what, said]) =>
        what === 'title' ? 'another title' : `${what} ${said}, not ${ours[what]}`,
      )
      const ids = new Set([fact, other].flatMap((one) => claimsBy(one).map(({ id }) => id)))
      const claims = await Promise.all([...ids].map((id) => engine.scope.get('claim', id)))
      const told = [...new Set(claims.flatMap((row) => row?.value.about?.source ?? []))]
      const first = ids.size === 1 ? ', decided first' : ''
      const how = told.length === 0 ? 'not told' : `told as ${told.join(' and as ')} says${first}`
      lines.push(`  ≠ ${other.source} says ${words.join('; ')}: ${how}.`)
    }
  }
  return lines
}

/** What two sources may see differently, for the desk. */
function saidBy({ data, branch = 'none' }: Interaction<'notice', Notice>): Readonly<Record<string, string>> {
  const of = (field: 'collectBy' | 'due' | 'title') =>
    data.items.flatMap((item) => item[field] ?? []).join(', ') || 'none'
  return { 'collect by': of('collectBy'), due: of('due'), pickup: data.pickup ?? 'none', branch, title: of('title') }
}
