// An event type as a value: its name, its data, and what it makes of a conversation.
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Conversation } from './conversation.ts'
import type { Interaction } from './interaction.ts'
import type { Duration } from './primitives.ts'

/** An event type is a value, exported by core or by an adapter. `retention` is how long it is kept, 90 days by default. */
export interface EventType<Name extends string = string, Data = unknown> {
  readonly name: Name
  readonly retention?: Duration
  readonly schema: StandardSchemaV1<unknown, Data>
  /** What such a fact makes of its conversation, none if it begins one. Pure. Throws `conflict` where it may not be. */
  fold?(conversation: Conversation | undefined, fact: Interaction<Name, Data>): Folded
}

/** Core counts the turns, and says since when it stands so, where that is not told. */
export type Folded = Omit<Conversation, 'id' | 'since' | 'turn'> & Partial<Pick<Conversation, 'since'>>

/** The fact that an event type describes: `Of<typeof notice>`. */
export type Of<E extends EventType> = E extends EventType<infer Name, infer Data> ? Interaction<Name, Data> : never

/** Names a kind of fact and its shape, with any Standard Schema (zod, valibot, arktype). */
export function defineEvent<const Name extends string, Data>(
  name: Name,
  schema: StandardSchemaV1<unknown, Data>,
  options: Pick<EventType<Name, Data>, 'retention' | 'fold'> = {},
): EventType<Name, Data> {
  return { name, schema, ...options }
}

/** What a schema says of a value that does not fit it. */
export type SchemaIssue = StandardSchemaV1.Issue
