import assert from 'node:assert/strict'
import type { Store } from '@prm/core/adapter'
import type { Test } from '../checks.ts'
import { commitChecks } from './commit.ts'
import { crashChecks } from './crash.ts'
import { dropChecks } from './drop.ts'
import { findChecks } from './find.ts'
import { groupChecks } from './group.ts'
import { importChecks } from './import.ts'
import { leaseChecks } from './lease.ts'
import { loopChecks } from './loop.ts'
import { modelChecks } from './model.ts'
import { onceChecks } from './once.ts'
import { otherChecks } from './other.ts'
import { outcomeChecks } from './outcome.ts'
import type { Check, Opened, OpenOptions, Part } from './place.ts'
import { raceChecks } from './race.ts'
import { searchChecks } from './search.ts'
import { transferChecks } from './transfer.ts'
import { workChecks } from './work.ts'
import { workModelChecks } from './work-model.ts'

export type { Test } from '../checks.ts'
export type { Opened, OpenOptions, Part } from './place.ts'

export interface StoreSuite {
  /**
   * Opens a database by its name, made of small letters and digits, which is new when it is first named. Two stores opened on
   * one are to each other what two processes are. The suite closes what it opens.
   */
  open(database: string, options: OpenOptions): Opened
  /** Runs when all stores on a database are closed. */
  remove?(database: string): void | Promise<void>
  /** What this store does not offer, each with the reason: the checks that need it are skipped. */
  readonly lacks?: { readonly [part in Part]?: string }
  /** An empty store of another make, to which a library moves and back. */
  other?(): Store
  /**
   * By what befalls a statement (`fails`): opens a database as `open` does, asks `strikes` before each statement that it sends,
   * and also when it was answered where the answer can be lost, and lets it befall where it says so. Without it nothing is
   * struck.
   */
  readonly faults?: {
    readonly [fault: string]: (database: string, options: OpenOptions, strikes: () => boolean) => Opened
  }
}

/** The checks that cannot be made without. */
const needs: { readonly [part in Part]: readonly string[] } = {
  processes: [
    'store/after',
    'store/close',
    'store/group-exclusive',
    'store/if-version-race',
    'store/import-one',
    'store/import-running',
    'store/lease-fenced',
    'store/lease-group',
    'store/lease-held',
    'store/lease-over',
    'store/lease-renewed',
    'store/lease-taken',
    'store/once-leased',
    'store/one-matter-first',
    'store/one-matter-second',
    'store/one-matter-both',
    'store/one-send-first',
    'store/one-send-second',
    'store/one-send-both',
    'store/poll',
    'store/taken-once',
    'store/unless-race',
  ],
  clock: [
    'store/after',
    'store/backlog',
    'store/import-overtaken',
    'store/lease-fenced',
    'store/lease-group',
    'store/lease-held',
    'store/lease-over',
    'store/lease-keep',
    'store/lease-taken',
  ],
  transactions: [
    'store/idle',
    'store/import-streams',
    'store/many-rows',
    'store/one-transaction',
    'store/work-slot-free',
    'store/work-together',
  ],
  moment: ['store/export-moment'],
}
const parts = Object.keys(needs) as Part[]

let count = 0

/**
 * The store contract as tests, whose names begin with an id that stays. Runs in any runner: hand in its `test`. Whether `scrub`
 * cleans the medium is for the store's own tests.
 */
export function storeSuite(test: Test, suite: StoreSuite): void {
  const check: Check = (name, run) => {
    const [id = ''] = name.split(':')
    const part = parts.find((part) => suite.lacks?.[part] !== undefined && needs[part].includes(id))
    if (part) return test(`${id} skipped: ${suite.lacks?.[part]}`, async () => undefined)
    test(name, async () => {
      const database = `store${process.pid}n${count++}`
      const opened: Store[] = []
      const kept = <S extends Store>(store: S): S => {
        opened.push(store)
        return store
      }
      try {
        await run({
          open: (options = {}) => kept(suite.open(database, options)),
          struck(fault, options, strikes) {
            const open = suite.faults?.[fault]
            assert(open)
            return kept(open(database, options, strikes))
          },
          other() {
            assert(suite.other)
            return kept(suite.other())
          },
        })
      } finally {
        await Promise.all(opened.map((store) => store.close()))
        await suite.remove?.(database)
      }
    })
  }
  commitChecks(check)
  modelChecks(check)
  dropChecks(check)
  searchChecks(check)
  transferChecks(check)
  importChecks(check)
  findChecks(check)
  workChecks(check)
  groupChecks(check)
  outcomeChecks(check)
  loopChecks(check)
  workModelChecks(check)
  leaseChecks(check)
  onceChecks(check)
  raceChecks(check)
  if (suite.other) otherChecks(check)
  else test('store/transfer skipped: no other', async () => undefined)
  if (suite.faults) crashChecks(check, Object.keys(suite.faults))
  else test('store/crash-… skipped: no faults', async () => undefined)
}
