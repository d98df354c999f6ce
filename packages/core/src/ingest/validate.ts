// In: what an adapter or a host gives. Out: the same, checked against its schema, or an error that names the field.
import {
  type Address,
  type Interaction,
  type Json,
  type PatronUpdate,
  PrmError,
  type RejectedRecord,
  rejectedInteraction,
  type SchemaIssue,
  written,
} from '../contract/index.ts'
import { type Engine, hash, storable, storablePerson, unstorableIn } from '../runtime/index.ts'
import type { Recording } from './recording.ts'

export function plain(fact: Interaction): Interaction {
  const { who, to } = { ...fact }
  if (who?.scheme !== 'mailto' && to?.scheme !== 'mailto') return fact
  // Who breaks the shape is told so below.
  const mailbox = (at: Address): Address => (typeof at.value === 'string' ? written(at) : at)
  return { ...fact, ...(who && { who: mailbox(who) }), ...(to && { to: mailbox(to) }) }
}

export function spelled(person: PatronUpdate): PatronUpdate {
  const relations = person.relations?.map((one) => ({ ...one, at: written(one.at) }))
  return { ...person, at: written(person.at), also: person.also.map(written), ...(relations && { relations }) }
}

export async function checkFact(
  engine: Engine,
  fact: Interaction,
  from: Recording['from'],
  bad: RejectedRecord[],
): Promise<Interaction> {
  const wrong = unstorableIn(fact)
  if (wrong) {
    const { field, expected } = wrong
    if (from === 'host') throw new PrmError('invalid', `record: ${field} must be ${expected}.`, { field })
    // What no database stores would stop its source for ever.
    const { type, data, branch, source } = { ...fact }
    const isJson = field !== 'data'
    const rest = {
      key: `no ${field} ${hash(isJson ? JSON.stringify(fact) : String(fact.key))}`,
      source: storable(source, 200) ? source : from.adapter,
      type: typeof type === 'string' ? type : 'unknown',
      data: isJson ? data : null,
      ...(isJson && branch && { branch }),
    }
    const why = `${field} must be ${expected}`
    bad.push({ source: from.adapter, reason: `${why}: it is kept as a dead fact.` })
    return dead(engine, rest, from.adapter, field, why)
  }
  if (from === 'host' && /\s/.test(fact.source))
    throw new PrmError('invalid', 'record: source must be a word without blanks: what comes after one is the key.', {
      field: 'source',
    })
  const type = engine.types.get(fact.type)
  if (!type && from === 'host' && fact.conversationId !== undefined)
    throw new PrmError(
      'invalid',
      `record: nobody knows what ${fact.type} makes of a conversation: name it in \`events\`.`,
      {
        field: 'type',
      },
    )
  if (!type) return fact
  const result = await type.schema['~standard'].validate(fact.data)
  if (!result.issues) return fact
  const [issue] = result.issues
  const path = (issue?.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
  const why = `${path || 'data'}: ${expectedBy(issue)}`
  if (from === 'host') throw new PrmError('invalid', `record: ${fact.type}: ${why}`, { field: `data.${path}` })
  return dead(engine, fact, from.adapter, path, why)
}

/** zod/mini loads no texts, so that its own message is only "Invalid input": the issue itself has the values there are. */
function expectedBy(issue: (SchemaIssue & { readonly values?: readonly unknown[] }) | undefined): string {
  if (issue?.message === 'Invalid input' && issue.values) return `expected one of ${issue.values.join(', ')}`
  return issue?.message ?? 'not of its shape'
}

export function checkPerson(
  given: PatronUpdate,
  from: Recording['from'],
  bad: RejectedRecord[],
): PatronUpdate | undefined {
  const { person, wrong } = storablePerson(given)
  if (!wrong) return person
  const { field, expected } = wrong
  if (from === 'host')
    throw new PrmError('invalid', `record: people: ${field} must be ${expected}.`, { field: `people.${field}` })
  bad.push({ source: from.adapter, reason: `people: ${field} must be ${expected}: that is not stored.` })
  return person
}

function dead(engine: Engine, fact: Interaction, adapter: string, field: string, why: string): Interaction {
  engine
    .context(adapter, new AbortController().signal)
    .log('error', 'A fact breaks its schema and is kept as a dead fact.', { type: fact.type, field })
  const { about: _, type, data, ...rest } = fact
  return {
    ...rest,
    type: rejectedInteraction.name,
    data: { type, why: `${type}: ${why}`, data: (data ?? null) as Json },
  }
}
