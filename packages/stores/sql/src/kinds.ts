import { type Address, type Decision, idOf, type Kind, type Kinds, PrmError, refId } from '@prm/core/adapter'
import type { Value } from './session.ts'

/** How the rows of one kind are stored, beside library, id, version, stored time and JSON value. */
export interface Table<K extends Kind> {
  readonly columns: readonly string[]
  /** `text` is what an interaction is searched by. */
  values(value: Kinds[K], into: Value[], text?: string): void
  /** `since` and `until` speak of it. Undefined: the row has no time of its own, and the machine's is taken. */
  time?(value: Kinds[K]): string | undefined
  /** An index over what a row has many of, in a table of its own. */
  readonly many?: { readonly table: string; readonly columns: readonly string[]; of(value: Kinds[K]): readonly Many[] }
}
/** The key columns between `library` and the row's id. */
export type Many = readonly string[]

const kinds: { readonly [K in Kind]: Table<K> } = {
  patron: {
    columns: [],
    values() {},
    time: ({ identities }) =>
      identities.reduce<string | undefined>((last, { seenAt }) => later(last, seenAt), undefined),
    many: {
      table: 'identity',
      columns: ['address', 'realm', 'patron'],
      // And by whom they are related to, so that erasing finds who names them.
      of: ({ identities, relations = [] }) => [
        ...identities.map((identity) => [addressKey(identity), identity.realm ?? '']),
        ...relations.map(({ patronId }) => [addressKey({ scheme: 'relation', value: patronId }), '']),
      ],
    },
  },
  consent: {
    columns: ['address', 'realm'],
    values: ({ address }, into) => into.push(addressKey(address), address.realm ?? null),
    time: ({ at }) => at,
  },
  interaction: {
    columns: ['type', 'patron', 'about', 'subject_key', 'address', 'realm', 'conversation', 'text'],
    values({ type, patronId, about, data, who, conversationId }, into, text) {
      into.push(type, patronId ?? null, about ? refId(about) : null, subjectKeyOf(data) ?? null)
      into.push(who ? addressKey(who) : null, who?.realm ?? null, conversationId ?? null, text ?? null)
    },
    time: ({ seen }) => seen,
  },
  conversation: {
    columns: ['state', 'address', 'realm', 'patron'],
    values: ({ state, who, patronId }, into) =>
      into.push(state, who ? addressKey(who) : null, who?.realm ?? null, patronId ?? null),
    time: ({ since }) => since,
  },
  decision: {
    columns: ['patron'],
    values: ({ patronId }, into) => into.push(patronId ?? null),
    time: ({ at }) => at,
    many: {
      table: 'decision_ref',
      columns: ['ref', 'decision'],
      // Its own key is found by id; a row here would say it again for each decision.
      of: ({ key, keys, about, recipient, ...decision }) => [
        ...about.map((ref) => [refId(ref)]),
        ...keys.filter((k) => k !== key).map((k) => [refId({ source: 'prm', key: k })]),
        ...(recipient === undefined ? [] : [[refId({ source: 'told', key: recipient })]]),
        ...nobodysAddresses(decision).map((address) => [refId({ source: 'at', key: addressKey(address) })]),
      ],
    },
  },
  message: {
    columns: ['state', 'address', 'realm', 'provider', 'patron', 'conversation'],
    values({ state, to, providerId, patronId, conversationId }, into) {
      into.push(state, addressKey(to), to.realm ?? null, providerId ?? null, patronId ?? null, conversationId ?? null)
    },
    // Better is the time of its decision, where that is written with it.
    time: ({ attempts, notBefore }) => attempts[0]?.at ?? notBefore,
  },
  digest: { columns: [], values() {} },
  run: {
    columns: ['patron', 'address', 'realm'],
    values: ({ patronId, who }, into) => into.push(patronId ?? null, who ? addressKey(who) : null, who?.realm ?? null),
    many: { table: 'run_wait', columns: ['wait', 'run'], of: ({ waits }) => waits.map((wait) => [wait]) },
  },
  outcome: { columns: [], values() {}, time: ({ at }) => at },
  audit: {
    columns: ['patron'],
    values: ({ patronId }, into) => into.push(patronId ?? null),
    time: ({ at }) => at,
  },
  sender: { columns: [], values() {} },
  claim: { columns: [], values() {}, time: ({ at }) => at },
  cursor: { columns: [], values() {} },
  shared: { columns: [], values() {} },
}

export const allKinds = Object.keys(kinds) as readonly Kind[]

/** As `kinds[kind]`: a kind and its value always come together, which TypeScript cannot see through the union. */
export function tableOf(kind: Kind): Table<never> {
  if (!Object.hasOwn(kinds, kind)) throw new PrmError('invalid', `There is no kind ${kind}.`, { field: 'kind' })
  return kinds[kind] as Table<never>
}

/** Where nobody is known and nothing was sent, only the decision names the address; erasing must find it. */
function nobodysAddresses({ patronId, outcome, inputs }: Pick<Decision, 'patronId' | 'outcome' | 'inputs'>): Address[] {
  if (patronId !== undefined || outcome.send) return []
  return (inputs.own as { addresses?: Address[] } | null)?.addresses ?? []
}

export function addressKey({ scheme, value }: Address): string {
  return `${scheme}:${value}`
}

/** As `idOf`, for what can be told apart in any database. */
export function rowId<K extends Kind>(kind: K, value: Kinds[K]): string {
  return checked(idOf(kind, value), kind)
}

export function checked(id: string, what: string): string {
  if (typeof id !== 'string' || id === '')
    throw new PrmError('invalid', `A ${what} needs a key or id that is not empty.`)
  // UTF-8 has no lone surrogates, and PostgreSQL no NUL: two ids would become one, or none.
  if (!id.isWellFormed() || id.includes('\0'))
    throw new PrmError('invalid', `The id of a ${what} is not valid Unicode text.`)
  return notTooLong(id, `The id of a ${what}`)
}

/** An entry of a PostgreSQL index has room for 2,704 bytes, with the library and the row's id. */
export function notTooLong(key: string, what: string, bytes = 1_000): string {
  if (key.length * 3 > bytes && Buffer.byteLength(key) > bytes)
    throw new PrmError('invalid', `${what} is longer than ${bytes} bytes.`)
  return key
}

/** Milliseconds of an instant. Throws `invalid`, naming the field. */
export function millis(instant: string, field: string): number {
  const at = Date.parse(instant)
  if (Number.isNaN(at))
    throw new PrmError('invalid', `${field} is not an instant such as 2026-11-24T10:00:00.000Z.`, { field })
  return at
}

export function instant(at: number): string {
  return new Date(at).toISOString()
}

function subjectKeyOf(data: unknown): string | undefined {
  const key = typeof data === 'object' && data !== null && 'subjectKey' in data ? data.subjectKey : undefined
  return typeof key === 'string' ? key : undefined
}

function later(a: string | undefined, b: string): string {
  return a === undefined || b > a ? b : a
}
