import { hash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { type Json, PrmError, type Put, type Scope } from '@prm/core'
import { besides, type Header, idOf } from './file.ts'
import type { PlanLine, Repeat } from './types.ts'

/*
 * Two plans of one list have messages of other keys. So the store keeps which plans are approved or have begun, and of each a
 * sketch: a keyed hash of address and text for each recipient. It is found again wherever the plan's file is by then.
 */

/** How long: as messages are kept. */
const keptMs = 90 * 86_400_000
const listId = 'outreach:plans'
const sketchId = (id: string): string => `outreach:sketch:${id}`
/** Of each recipient so many bytes, sorted. */
const width = 6

interface Entry extends Omit<Repeat, 'people'> {
  readonly purpose: string
}

export interface Sketch {
  look(line: PlanLine): void
  /** From the first line again. */
  anew(): void
  bytes(): Buffer
}

/** The key is that of approvals: without it nobody finds out whose numbers these are by trying all. */
export function sketch(key: string): Sketch {
  let marks: number[] = []
  return {
    anew() {
      marks = []
    },
    look(line) {
      if (line.is === 'recipient')
        marks.push(Number.parseInt(hash('sha256', `${key} ${line.to} ${line.text}`).slice(0, 2 * width), 16))
    },
    bytes() {
      const bytes = Buffer.alloc(marks.length * width)
      for (const [index, mark] of Float64Array.from(marks).sort().entries())
        bytes.writeUIntBE(mark, index * width, width)
      return bytes
    },
  }
}

function inBoth(a: Buffer, b: Buffer): number {
  let [i, j, both] = [0, 0, 0]
  while (i < a.length && j < b.length) {
    const order = a.compare(b, j, j + width, i, i + width)
    if (order === 0) both++
    if (order <= 0) i += width
    if (order >= 0) j += width
  }
  return both
}

async function listOf(scope: Scope): Promise<{ readonly entries: readonly Entry[]; readonly version: number }> {
  const row = await scope.get('cursor', listId)
  return { entries: (row?.value.value ?? []) as unknown as readonly Entry[], version: row?.version ?? 0 }
}

/** Whether there is any other plan of this purpose at all: else nobody need be looked for. */
export async function hasOthers(scope: Scope, purpose: string): Promise<boolean> {
  return (await listOf(scope)).entries.some((entry) => entry.purpose === purpose)
}

/** Which plans of this purpose send the same text to some of the same people. */
export async function repeatsOf(
  scope: Scope,
  { hash: mine, purpose }: { readonly hash: string; readonly purpose: string },
  bytes: Buffer,
  at: Date,
): Promise<readonly Repeat[]> {
  return repeatsIn(scope, recent((await listOf(scope)).entries, at), mine, purpose, bytes)
}

/** What is older says nothing, also where nobody has cleared it away; nor does an approval that was taken back. */
function recent(entries: readonly Entry[], now: Date): readonly Entry[] {
  const since = new Date(now.getTime() - keptMs).toISOString()
  return entries.filter((entry) => entry.at >= since && !takenBack(entry))
}

/** For a person, and for this machine: `desk-2:/srv/prm/may.plan`. */
export function placeOf(file: string): string {
  return `${hostname()}:${resolve(file)}`
}

/** Its approval was deleted. Of a file on another machine nobody here knows. */
function takenBack({ standing, file }: Entry): boolean {
  const here = `${hostname()}:`
  if (standing !== 'approved' || !file?.startsWith(here)) return false
  const beside = besides(file.slice(here.length))
  return !existsSync(beside) && !existsSync(`${beside}.part`)
}

async function repeatsIn(
  scope: Scope,
  entries: readonly Entry[],
  mine: string,
  purpose: string,
  bytes: Buffer,
): Promise<readonly Repeat[]> {
  const found: Repeat[] = []
  for (const { purpose: theirs, ...one } of entries) {
    if (theirs !== purpose || one.id === idOf(mine)) continue
    const other = (await scope.get('cursor', sketchId(one.id)))?.value.value
    const people = typeof other === 'string' ? inBoth(bytes, Buffer.from(other, 'base64')) : 0
    if (people > 0) found.push({ ...one, people })
  }
  return found
}

/** Keeps that a plan is approved, or has begun. Two at once come one after the other, so that the second hears of the first. */
export async function remember(
  scope: Scope,
  { header, hash: mine }: { readonly header: Pick<Header, 'purpose'>; readonly hash: string },
  said: Pick<Entry, 'standing' | 'at' | 'by' | 'file'>,
  bytes: Buffer,
  again: string | undefined,
): Promise<void> {
  const { purpose } = header
  for (;;) {
    const { entries, version } = await listOf(scope)
    const rest = recent(entries, new Date(said.at))
    const repeats = await repeatsIn(scope, rest, mine, purpose, bytes)
    // Who is approved without having begun holds up nobody else's run: it hears of that run when it begins.
    const against = said.standing === 'begun' ? repeats.filter(({ standing }) => standing === 'begun') : repeats
    if (against.length > 0 && again === undefined) throw refusal(against)
    const mark = idOf(mine)
    const next: readonly Entry[] = [...rest.filter(({ id }) => id !== mark), { id: mark, purpose, ...said }]
    const put: readonly Put[] = [
      { kind: 'cursor', value: { id: listId, value: next as unknown as Json }, ifVersion: version },
      { kind: 'cursor', value: { id: sketchId(mark), value: bytes.toString('base64') } },
    ]
    const past = entries.filter((entry) => !rest.includes(entry) && entry.id !== mark)
    const drop = past.map(({ id }) => ({ kind: 'cursor', id: sketchId(id) }) as const)
    const [written] = await scope.commit([{ put, delete: drop }])
    if (written) return
  }
}

/** A plan that was written over is sent by nobody, if it has not begun. */
export async function forget(scope: Scope, mine: string): Promise<void> {
  const mark = idOf(mine)
  for (;;) {
    const { entries, version } = await listOf(scope)
    const rest = entries.filter(({ id, standing }) => id !== mark || standing === 'begun')
    if (rest.length === entries.length) return
    const put: Put = { kind: 'cursor', value: { id: listId, value: rest as unknown as Json }, ifVersion: version }
    const [written] = await scope.commit([{ put: [put], delete: [{ kind: 'cursor', id: sketchId(mark) }] }])
    if (written) return
  }
}

/** For a person: which plan, since when, how many are in both. */
function repeatInWords({ id, standing, at, by, people, file }: Repeat): string {
  const who = by === undefined ? '' : ` by ${by}`
  return `${people} of these are in the plan ${id}${file === undefined ? '' : ` (${file})`}, which ${standing === 'begun' ? 'has begun' : 'was approved'} at ${at}${who}: the same text to the same address`
}

function refusal(repeats: readonly Repeat[]): PrmError {
  return new PrmError(
    'conflict',
    `${repeats.map(repeatInWords).join('. ')}. They would get it twice. If that is meant, give the reason: again, or --again "reason".`,
    { field: 'again' },
  )
}
