import assert from 'node:assert/strict'
import type { Adapter, Context, Json, NoticeResult } from '@prm/core/adapter'
import { type Check, type Rig, Skip } from './checks.ts'
import { within } from './rig.ts'

export const writeBack: readonly Check[] = [
  { id: 'write-back/again', needs: ['outcomes.told'], run: again },
  { id: 'write-back/no-origin', needs: ['outcomes.told'], run: noOrigin },
  { id: 'write-back/abort', needs: ['outcomes.told'], run: abort },
]

const given = ({ outcomes }: Rig): NonNullable<Rig['outcomes']> => {
  if (!outcomes) throw new Skip('no outcomes.told')
  return outcomes
}
async function report({ writeBack }: Adapter, results: readonly NoticeResult[], ctx: Context): Promise<void> {
  assert(writeBack)
  const left = (await within(writeBack.report(results, ctx))) ?? []
  assert(
    left.every((one) => results.includes(one)),
    'what is given back is of what was given',
  )
}

/** A crash after the source was told: another process tells it again, in another order. */
async function again(rig: Rig): Promise<void> {
  const { results, told } = given(rig)
  await report(rig.make(), results, rig.context())
  const once: Json = await told()
  assert(once !== null && Object.keys(once).length > 0, 'the source was told nothing')
  await report(rig.make(), results.toReversed(), rig.context())
  assert.deepEqual(await told(), once, 'the same results twice are told as once')
}

/** Not all that a source tells has a name in its books. */
async function noOrigin(rig: Rig): Promise<void> {
  const { results, told } = given(rig)
  const before = await told()
  await report(
    rig.make(),
    [...results.map(({ origin: _, ...result }) => result), { ...odd(results), origin: '?' }],
    rig.context(),
  )
  await report(rig.make(), [], rig.context())
  assert.deepEqual(await told(), before, 'results that the source has no name for are left out')
}
const odd = ([first]: readonly NoticeResult[]): NoticeResult => {
  assert(first, 'outcomes.results has one result or more')
  return first
}

/** Whoever returns has told them all. */
async function abort(rig: Rig): Promise<void> {
  const { results } = given(rig)
  await rig.refused(report(rig.make(), results, rig.context({ signal: AbortSignal.abort() })), 'unavailable', 'unknown')
}
