import type { Actor, Awaitable, Conversation, Instant, Interaction } from '@prm/core'

// What else may stand in the inbox than what patrons write. A kind gives texts and forms; the page alone writes markup.

/** Conversations that are not answered as a text is: public posts, where an answer needs approval. They have no answer box. */
export interface Kind {
  is(conversation: Conversation): boolean
  /** What stands under its first words in the list. */
  line(conversation: Conversation, now: Date): readonly Bit[]
  /** What it is, and what whoever looks may do. */
  panel(looked: Looked): Awaitable<Panel>
  /** What a fact says in the thread; nothing where the page tells it by itself (who took it, notes), or where it says nothing. */
  entry(fact: Interaction): Entry | undefined
  /** What the page says once a form was done, by its name. */
  readonly done: { readonly [form: string]: string }
  /** Does what a form asks for. Throws `conflict` or `invalid` with why not: it is shown, with what was typed. */
  act(form: string, asked: Filled): Promise<void>
}
export interface Looked {
  readonly conversation: Conversation
  readonly actor: Actor
  readonly now: Date
}
export interface Filled {
  readonly id: string
  /** The `turn` that was looked at. */
  readonly seen: number
  readonly actor: Actor
  /** By name, as typed, without blanks around. */
  readonly fields: { readonly [name: string]: string }
}

/** A few words about it; a link of http or https is followed without saying from where. */
export interface Bit {
  readonly text: string
  readonly at?: Instant
  readonly href?: string
  /** Somebody should have acted. */
  readonly late?: boolean
}
export interface Panel {
  readonly title: string
  readonly bits: readonly Bit[]
  readonly forms: readonly Form[]
}
/** Something that was said or done, by its look: theirs, ours, a note of staff, or a deed in one line. */
export interface Entry {
  readonly look: 'theirs' | 'ours' | 'note' | 'deed'
  readonly by: string
  readonly did?: string
  readonly at?: Instant
  readonly text?: string
}
export interface Form {
  readonly name: string
  readonly title: string
  readonly hint?: string
  readonly fields: readonly Field[]
  readonly button: string
}
export type Field =
  | { readonly is: 'hidden'; readonly name: string; readonly value: string }
  | {
      readonly is: 'line' | 'lines'
      readonly name: string
      readonly label: string
      readonly value?: string
      readonly required?: boolean
    }
  | {
      readonly is: 'choice'
      readonly name: string
      readonly label: string
      readonly value?: string
      readonly options: readonly { readonly value: string; readonly label: string }[]
    }
