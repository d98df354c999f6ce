import type { Adapter, Directory, DirectoryEntry, Known } from '@prm/core'
import { expect, test } from 'vitest'
import { card, otherPhone, phone, springfield, tel } from './fake.ts'

const unavailable = { is: 'unavailable', reason: 'not asked' } as const
const value = <T>(of: T): Known<T> => ({ is: 'value', value: of })
const entry = (id: string, number: string, more: Partial<DirectoryEntry> = {}): DirectoryEntry => ({
  identities: [
    { ...card(id), verified: true },
    { ...tel(number), verified: false },
  ],
  name: unavailable,
  locale: unavailable,
  branch: unavailable,
  category: unavailable,
  birthDate: unavailable,
  expires: unavailable,
  blocks: unavailable,
  guardian: unavailable,
  preferences: unavailable,
  ...more,
})

/** A library whose ILS has a directory with what is in `entries` then. */
function asked(entries: DirectoryEntry[], find?: Directory['find']) {
  const directory: Directory = {
    find: async ({ value }) => entries.filter(({ identities }) => identities.some((one) => one.value === value)),
    ...(find && { find }),
  }
  const host = springfield()
  const more = { books: { ...host.ils, kind: 'books', directory } as Adapter }
  return springfield({ ils: host.ils, more, quietly: true })
}

test('whom a directory knows is known, by all that it says', async () => {
  const { prm } = asked([
    entry('c1', phone, { name: value('Ada Pine'), category: { is: 'empty' }, blocks: value(['debt']) }),
  ])
  const [ada, ...others] = await prm.findPatrons('books' as 'ils', tel(phone))
  expect(others).toEqual([])
  expect(ada).toMatchObject({ name: 'Ada Pine', blocks: ['debt'] })
  expect(ada).not.toHaveProperty('expires')
  expect((await prm.patrons(card('c1'))).map(({ id }) => id)).toEqual([ada?.id])
})

test('a number that was changed there is changed here, and the old one is nobody’s', async () => {
  const entries = [entry('c1', phone)]
  const { prm } = asked(entries)
  await prm.findPatrons('books' as 'ils', card('c1'))
  entries.splice(0, 1, entry('c1', otherPhone))
  const [ada] = await prm.findPatrons('books' as 'ils', card('c1'))
  expect(ada?.identities.map(({ value }) => value)).toEqual(['c1', otherPhone])
  expect(await prm.patrons(tel(phone))).toEqual([])
})

test('all of a family are given, and nobody where nobody has it', async () => {
  const { prm } = asked([entry('c1', phone), entry('c2', phone)])
  expect(await prm.findPatrons('books' as 'ils', tel(phone))).toHaveLength(2)
  expect(await prm.findPatrons('books' as 'ils', tel(otherPhone))).toEqual([])
})

test('who looked is noted, for each patron', async () => {
  const { prm } = asked([entry('c1', phone)])
  const [ada] = await prm.as({ kind: 'staff', id: 'sam' }).findPatrons('books' as 'ils', tel(phone))
  const looks = []
  for await (const { by, action, patronId } of prm.audit()) looks.push({ by: by.id, did: action, patronId })
  expect(looks).toContainEqual({ by: 'sam', did: 'lookUp', patronId: ada?.id })
})

test('an adapter without a directory, one that cannot answer and one that tells of a nobody are errors, and change nothing', async () => {
  const { prm } = asked([], async () => [{ ...entry('c1', phone), identities: [] }])
  await expect(prm.findPatrons('sms', tel(phone))).rejects.toMatchObject({ code: 'unsupported', field: 'adapter' })
  await expect(prm.findPatrons('books' as 'ils', tel(phone))).rejects.toMatchObject({ code: 'contract' })
  expect(await prm.patrons(tel(phone))).toEqual([])
})
