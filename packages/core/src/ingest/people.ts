// In: what a source says about a person. Out: the patron with it. Promise: addresses of other sources stay.
import {
  type Address,
  type Batch,
  type Patron,
  type PatronUpdate,
  PrmError,
  type RelationKind,
  sameAddress,
} from '../contract/index.ts'
import { addressId, type Engine, patronId, patronsAt, put } from '../runtime/index.ts'
import { instant, isDay, zoneExists } from '../time/index.ts'
import type { Recording } from './recording.ts'

/** The last that a batch says of each person: a later row knows better. */
export function personIn(people: readonly PatronUpdate[]): readonly PatronUpdate[] {
  return [...new Map(people.map((person) => [addressId(person.at), person])).values()]
}

interface Met {
  readonly person: PatronUpdate
  readonly at: Address
  readonly patron: Patron
  /** Nothing when the source says what is known. */
  readonly batch: readonly Batch[]
}

/** Finds or makes the patron and lays what the source says over it; other sources' addresses stay. */
export async function meet(engine: Engine, person: PatronUpdate, from: Recording['from']): Promise<Met> {
  const [known] = await patronsAt(engine, person.at)
  const row = await engine.scope.get('patron', known?.id ?? patronId(engine, person.at))
  const patron = await laidOver(engine, person, from, row?.value)
  const unchanged = row && JSON.stringify(patron) === JSON.stringify(row.value)
  return {
    person,
    at: person.at,
    patron,
    batch: unchanged ? [] : [{ put: [put('patron', patron, row?.version ?? 0)] }],
  }
}

/** The patron as they are known, and what a source says of them over that. */
export async function laidOver(
  engine: Engine,
  person: PatronUpdate,
  from: Recording['from'],
  known: Patron | undefined,
): Promise<Patron> {
  const source = from === 'host' ? 'host' : from.adapter
  const seenAt = instant(engine.now().getTime())
  const said = [person.at, ...person.also].map((address) => ({ ...address, seenBy: source, seenAt }))
  const before = known?.identities ?? []
  const mine = before.filter((identity) => identity.seenBy === source)
  const same = mine.length === said.length && said.every((one) => mine.some((other) => sameAddress(one, other)))
  const { relations } = person
  const told = wordsOf(engine, person, from)
  const relatives = relations ? await Promise.all(relations.map(({ kind, at }) => relative(engine, kind, at))) : []
  return {
    ...(known ?? { id: patronId(engine, person.at) }),
    ...told,
    ...(relations && { relations: relatives.flatMap((one) => one ?? []) }),
    identities: same ? before : [...before.filter((identity) => identity.seenBy !== source), ...said],
  }
}

/** Somebody not met yet has the id that they will be met under; an address of several people is nobody's in particular. */
async function relative(
  engine: Engine,
  kind: RelationKind,
  at: Address,
): Promise<NonNullable<Patron['relations']>[number] | undefined> {
  const [known, another] = await patronsAt(engine, at)
  return another ? undefined : { kind, patronId: known?.id ?? patronId(engine, at) }
}

const words = [
  'name',
  'locale',
  'timeZone',
  'branch',
  'category',
  'birthDate',
  'expires',
  'blocks',
  'preferences',
] as const

/** What a source says of a person beside their addresses. A day or zone that is none would decide wrongly for ever, and is not taken. */
function wordsOf(engine: Engine, person: PatronUpdate, from: Recording['from']): Partial<Patron> {
  const said: { [field: string]: unknown } = {}
  for (const field of words) {
    const value = person[field]
    if (value === undefined || value === '') continue
    const expected = value === null ? undefined : wrongAbout(field, value as string)
    if (!expected) said[field] = value ?? undefined
    else if (from === 'host') throw new PrmError('invalid', `record: people: ${field} must be ${expected}.`, { field })
    else {
      const { log } = engine.context(from.adapter, new AbortController().signal)
      log('warn', `What a source says of a person is not ${expected}.`, { field })
    }
  }
  return said
}

function wrongAbout(field: (typeof words)[number], value: string): string | undefined {
  if (field === 'birthDate' || field === 'expires') return isDay(value) ? undefined : 'a day such as 2011-02-28'
  return field === 'timeZone' && !zoneExists(value) ? 'an IANA zone such as America/Chicago' : undefined
}
