import assert from 'node:assert/strict'
import type { Adapter, Address, Bib, Catalogue, Circulation, Directory, DirectoryEntry, Fault } from '@prm/core/adapter'
import { PrmError } from '@prm/core/adapter'
import { type Check, type Rig, Skip } from './checks.ts'
import { checkAddress } from './interactions.ts'
import { within } from './rig.ts'

// What a library system knows and does: who its patrons are, and what they have and want.

const toFind = ['vendor', 'fixtures.known'] as const
const toRenew = ['vendor', 'fixtures.loans', 'circulation.renew'] as const

export const directory: readonly Check[] = [
  { id: 'directory/find', needs: toFind, run: find },
  { id: 'directory/absent', needs: ['vendor', 'fixtures.unknown'], run: absent },
  { id: 'directory/ambiguous', needs: ['vendor', 'fixtures.shared'], run: ambiguous },
  ...(['server-error', 'html'] as const).map((fault) => {
    return {
      id: `directory/${fault}`,
      needs: ['simulator', ...toFind] as const,
      run: (rig: Rig) => spoiled(rig, fault),
    }
  }),
]

export const circulation: readonly Check[] = [
  { id: 'circulation/loans', needs: ['vendor', 'fixtures.loans'], run: loans },
  { id: 'circulation/absent', needs: ['vendor', 'fixtures.loans'], run: nobody },
  { id: 'circulation/outage', needs: ['simulator', 'fixtures.loans'], run: outage },
  { id: 'circulation/renew', needs: toRenew, run: renew },
  { id: 'circulation/refused', needs: toRenew, run: refused },
  { id: 'circulation/another', needs: toRenew, run: another },
  { id: 'circulation/lost-answer', needs: ['simulator', ...toRenew], run: lost },
]

const toLook = ['vendor', 'fixtures.isbns'] as const
export const catalogue: readonly Check[] = [
  { id: 'catalogue/by-isbn', needs: toLook, run: byIsbn },
  { id: 'catalogue/absent', needs: toLook, run: noRecord },
  ...(['server-error', 'html'] as const).map((fault) => {
    return { id: `catalogue/${fault}`, needs: ['simulator', ...toLook] as const, run: (rig: Rig) => dark(rig, fault) }
  }),
]

// ── who ──────────────────────────────────────────────────────────────────────────────────────
function directoryOf({ directory }: Adapter): Directory {
  assert(directory)
  return directory
}

async function found(rig: Rig, address: Address | undefined): Promise<readonly DirectoryEntry[]> {
  assert(address)
  const entries = await within(directoryOf(rig.make()).find(address, rig.context()))
  for (const { identities, ...known } of entries) {
    identities.forEach(checkAddress)
    assert(
      identities.some(({ scheme, verified }) => scheme === 'ils' && verified),
      'nobody without an id of the system',
    )
    for (const [name, one] of Object.entries(known)) {
      assert(['value', 'empty', 'unavailable'].includes(one.is), `${name} is known, empty or unavailable`)
      if (one.is === 'unavailable') assert(one.reason, `${name} is unavailable and does not say why`)
    }
  }
  return entries
}

async function find(rig: Rig): Promise<void> {
  const { known } = rig.fixtures
  const entries = await found(rig, known)
  const holds = ({ identities }: DirectoryEntry) => identities.some(({ value }) => value === known?.value)
  assert(entries.length > 0 && entries.every(holds), 'everybody who is found has the address')
}

async function absent(rig: Rig): Promise<void> {
  assert.deepEqual(await found(rig, rig.fixtures.unknown), [], 'nobody is an empty list')
}

/** A phone may be a family's: never the first of several by accident. */
async function ambiguous(rig: Rig): Promise<void> {
  const entries = await found(rig, rig.fixtures.shared)
  const ids = entries.flatMap(({ identities }) => identities.find(({ scheme }) => scheme === 'ils')?.value ?? [])
  assert(new Set(ids).size > 1, 'all who have an address are found, each once')
  assert.equal(ids.length, new Set(ids).size, 'all who have an address are found, each once')
}

/** Who cannot ask must not say that there is nobody. */
async function spoiled(rig: Rig, fault: Fault): Promise<void> {
  const { known } = rig.fixtures
  assert(known)
  rig.fault(fault, 20)
  await rig.refused(directoryOf(rig.make()).find(known, rig.context()), 'unavailable', 'contract')
}

// ── what they have ───────────────────────────────────────────────────────────────────────────
function circulationOf({ circulation }: Adapter): Circulation {
  assert(circulation)
  return circulation
}
const given = ({ fixtures }: Rig): NonNullable<Rig['fixtures']['loans']> => {
  if (!fixtures.loans) throw new Skip('no fixtures.loans')
  return fixtures.loans
}

async function all<T>(list: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = []
  for await (const one of list) found.push(one)
  return found
}

async function dueOf(rig: Rig, id: string): Promise<string | undefined> {
  const loans = await within(all(circulationOf(rig.make()).loans(given(rig).patron, rig.context())))
  return loans.find((loan) => loan.id === id)?.due
}

async function loans(rig: Rig): Promise<void> {
  const { patron } = given(rig)
  const circulation = circulationOf(rig.make())
  const loans = await within(all(circulation.loans(patron, rig.context())))
  assert(loans.length > 0, 'the patron of fixtures.loans has none')
  const ids = loans.map(({ id }) => id)
  assert.deepEqual(ids, [...new Set(ids)], 'each loan once')
  for (const { id, item, due } of loans) {
    assert(id && item, 'a loan has an id and an item')
    assert.match(due, /^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/, 'due is a day, or an instant in UTC')
  }
  const holds = await within(all(circulation.holds(patron, rig.context())))
  for (const { id, title, pickup, collectBy } of holds)
    assert(id && title.is && pickup.is && collectBy.is, 'a hold has an id')
}

/** No patron is another answer than no loans. */
async function nobody(rig: Rig): Promise<void> {
  const { patron } = given(rig)
  const absent = { ...patron, value: patron.value.replace(/[\da-z]/gi, '9') }
  await rig.refused(all(circulationOf(rig.make()).loans(absent, rig.context())), 'not_found')
}

async function outage(rig: Rig): Promise<void> {
  rig.fault('server-error', 20)
  const { loans, holds } = circulationOf(rig.make())
  const { patron } = given(rig)
  await rig.refused(all(loans(patron, rig.context())), 'unavailable', 'contract')
  await rig.refused(all(holds(patron, rig.context())), 'unavailable', 'contract')
}

// ── and what is done ─────────────────────────────────────────────────────────────────────────
type Renewed = Awaited<ReturnType<NonNullable<Circulation['renew']>>>
function renewed(rig: Rig, adapter: Adapter, loan: string, patron = given(rig).patron): Promise<Renewed> {
  const { renew } = circulationOf(adapter)
  assert(renew)
  return renew(patron, loan, rig.context())
}

async function renew(rig: Rig): Promise<void> {
  const { renewable } = given(rig)
  const before = await dueOf(rig, renewable)
  const done = await within(renewed(rig, rig.make(), renewable))
  assert(done.ok, 'the loan of fixtures.loans is renewed')
  assert.notEqual(done.due, before, 'a renewal gives the new day')
  assert.equal(await dueOf(rig, renewable), done.due, 'and it is the one that the loan has')
}

/** A business refusal is a result, with the system's own words for staff. */
async function refused(rig: Rig): Promise<void> {
  const done = await within(renewed(rig, rig.make(), given(rig).refused))
  assert(!done.ok && done.reason && done.text, 'a refusal says why, and what the system said')
}

/** Whoever texts RENEW renews what is theirs. */
async function another(rig: Rig): Promise<void> {
  const { patron, foreign } = given(rig)
  if (foreign === undefined) throw new Skip('no fixtures.loans.foreign')
  await rig.refused(renewed(rig, rig.make(), foreign, patron), 'not_found', 'forbidden')
}

/** Taken, and the answer was lost: it is read back, or unknown; it is not done again, and nobody is told that it was refused. */
async function lost(rig: Rig): Promise<void> {
  const { renewable } = given(rig)
  rig.fault('reset-after-accept')
  const call = renewed(rig, rig.make(), renewable)
  const done = await within(call.catch((error: unknown) => error))
  if (PrmError.is(done)) return void (await rig.refused(call, 'unknown'))
  assert(typeof done === 'object' && done && 'ok' in done && done.ok === true, 'it was taken')
  assert.equal(await dueOf(rig, renewable), (done as { due?: string }).due, 'what is told is what the loan has')
}

// ── what the library has ─────────────────────────────────────────────────────────────────────
function catalogueOf({ catalogue }: Adapter): Catalogue {
  assert(catalogue)
  return catalogue
}

/** A release of the system that has none says so, and that is all there is to check. */
async function offered<T>(call: Promise<T>): Promise<T> {
  return within(call).catch((error: unknown) => {
    throw PrmError.is(error) && error.code === 'unsupported' ? new Skip(error.message) : error
  })
}

async function bibsOf(rig: Rig, which: 'known' | 'unknown'): Promise<readonly Bib[]> {
  return offered(catalogueOf(rig.make()).byIsbn(rig.fixtures.isbns?.[which] ?? '', rig.context()))
}

async function byIsbn(rig: Rig): Promise<void> {
  const bibs = await bibsOf(rig, 'known')
  const [bib] = bibs
  assert(bib, 'the record of fixtures.isbns is found')
  const ids = bibs.map(({ id }) => id)
  assert.deepEqual(ids, [...new Set(ids)], 'each record once')
  for (const { id, title, isbns } of bibs) {
    assert(id && title, 'a record has an id and a title')
    for (const isbn of isbns) assert.match(isbn, /^97[89]\d{10}$/, 'ISBNs are told with 13 digits')
    assert(isbns.includes(rig.fixtures.isbns?.known ?? ''), 'every record that is found has the ISBN')
  }
  const { availability } = catalogueOf(rig.make())
  for (const { branch, state, due } of (await availability?.(bib.id, rig.context())) ?? []) {
    assert(branch && state, 'a copy has a branch and a state')
    if (due !== undefined) assert.match(due, /^\d{4}-\d{2}-\d{2}$/, 'due is a day')
  }
}

async function noRecord(rig: Rig): Promise<void> {
  assert.deepEqual(await bibsOf(rig, 'unknown'), [], 'no record is an empty list')
}

/** Who cannot ask does not say that the library has nothing. */
async function dark(rig: Rig, fault: Fault): Promise<void> {
  await bibsOf(rig, 'known')
  rig.fault(fault, 20)
  const { byIsbn, availability } = catalogueOf(rig.make())
  await rig.refused(byIsbn(rig.fixtures.isbns?.known ?? '', rig.context()), 'unavailable', 'contract')
  if (availability) await rig.refused(availability('1', rig.context()), 'unavailable', 'contract')
}
