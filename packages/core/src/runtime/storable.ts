// In: texts and numbers of the host. Out: whether every database can store and find them.
import { type Address, type Interaction, type PatronUpdate, type Ref, refId } from '../contract/index.ts'
import { fits, mostBytes } from './names.ts'

/** Addresses and sends are parts of other names, such as that of the job that sends to them. */
export const mostOfPart = 960

/** A text that is not empty and that every database stores and finds. */
export function storable(text: unknown, most: number = mostBytes): text is string {
  return typeof text === 'string' && text !== '' && text.isWellFormed() && !text.includes('\0') && fits(text, most)
}

/** The first of what no store keeps as it is. */
export interface Unstorable {
  readonly field: string
  readonly expected: string
}

const text = 'a text of 1,000 bytes at the most that is not empty and can be stored'

export function unstorableIn(fact: Interaction): Unstorable | undefined {
  const { key, source, type, who, about, patronId, thread, conversationId, data } = { ...fact }
  if (!isJson(fact)) return { field: 'data', expected: 'JSON' }
  // An empty key is no key: all such facts of a source would be one.
  if (!storable(key)) return { field: 'key', expected: text }
  if (!storable(source) || !storable(refId(fact))) return { field: 'source', expected: `${text}, with the key` }
  if (!storable(type)) return { field: 'type', expected: text }
  const wrong = who ? named('who', unstorableAt(who)) : undefined
  if (wrong) return wrong
  if (about && !isRef(about)) return { field: 'about', expected: 'the source and key of a fact' }
  for (const [field, value] of Object.entries({ patronId, thread, conversationId }))
    if (value !== undefined && value !== '' && !storable(value)) return { field, expected: text }
  for (const name of typeof data === 'object' && data !== null ? ['subjectKey', 'providerId'] : []) {
    const value: unknown = Reflect.get(Object(data), name)
    if (typeof value === 'string' && value !== '' && !storable(value)) return { field: `data.${name}`, expected: text }
  }
  return undefined
}

export function unstorableAt(address: Address): Unstorable | undefined {
  const { scheme, value, realm } = { ...address }
  if (!storable(scheme)) return { field: 'scheme', expected: 'a word such as tel' }
  if (realm !== undefined && realm !== '' && !storable(realm)) return { field: 'realm', expected: text }
  if (storable(value) && storable(`${scheme} ${realm ?? ''} ${value}`, mostOfPart)) return undefined
  return { field: 'value', expected: `a text of ${mostOfPart} bytes at the most that is not empty and can be stored` }
}

/** A person without those other addresses that no store keeps, and the first that was wrong; nobody without their own. */
export function storablePerson(person: PatronUpdate): { readonly person?: PatronUpdate; readonly wrong?: Unstorable } {
  const { at, also, relations } = { ...person }
  if (!isJson(person)) return { wrong: { field: 'person', expected: 'JSON' } }
  if (!Array.isArray(also)) return { wrong: { field: 'also', expected: 'a list of addresses' } }
  const wrong = named('at', unstorableAt(at))
  if (wrong) return { wrong }
  const others = also.map((one) => ({ one, wrong: named('also', unstorableAt(one)) }))
  const related = relations?.map((one) => ({ one, wrong: named('relations.at', unstorableAt(one.at)) }))
  const first = [...others, ...(related ?? [])].find((one) => one.wrong)?.wrong
  if (!first) return { person }
  return {
    person: {
      ...person,
      also: others.flatMap((one) => (one.wrong ? [] : [one.one])),
      ...(related && { relations: related.flatMap((one) => (one.wrong ? [] : [one.one])) }),
    },
    wrong: first,
  }
}

function named(field: string, wrong: Unstorable | undefined): Unstorable | undefined {
  return wrong && { ...wrong, field: `${field}.${wrong.field}` }
}

export function isRef(ref: Ref): boolean {
  const { source, key } = { ...ref }
  return storable(source) && storable(key) && storable(refId(ref))
}

function isJson(value: unknown): boolean {
  try {
    JSON.stringify(value)
    return true
  } catch {
    return false
  }
}
