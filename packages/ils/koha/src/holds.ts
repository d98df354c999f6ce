import type { Address, Circulation, Context, Hold, LocalDate, Refusal } from '@prm/core/adapter'
import { PrmError } from '@prm/core/adapter'
import { type Api, saidBy } from './api.ts'
import { refusalOf, settled, titleOf } from './circulation.ts'
import { blocksOf, idOf, patronOf } from './directory.ts'
import { flagOf, idIn, known, type Row, rowOf, textOf, wireRow } from './values.ts'

type Holds = Required<Pick<Circulation, 'holds' | 'place' | 'cancel'>>
/** It is done, or why not. */
export type Done = { readonly ok: true } | Refusal
type Change = { readonly method: 'POST' | 'DELETE'; readonly json?: { readonly end_date?: string } }

/** What only a library system does: a patron goes away for a while, and keeps the place in the queue. */
export interface KohaOps {
  /** Until a day, or until `resume`. A hold that has its item already is refused. */
  suspend(patron: Address, hold: string, until: LocalDate | undefined, ctx: Context): Promise<Done>
  resume(patron: Address, hold: string, ctx: Context): Promise<Done>
}

export function holdsOf(api: Api): Holds {
  return {
    async *holds(patron, ctx) {
      for await (const hold of listed(api, await idOf(api, patron, ctx), ctx)) yield holdOf(hold)
    },
    place: (patron, wanted, ctx) => place(api, patron, wanted, ctx),
    async cancel(patron, id, ctx) {
      const owner = await owned(api, patron, id, ctx)
      return settled<{ ok: true }>(
        async () => {
          const { status } = await api.ask({ method: 'DELETE', path: `/holds/${id}` }, ctx)
          // Koha may keep no more than a request, which staff decide.
          return status === 202 ? { ok: false, reason: 'other', text: 'cancellation_requested' } : { ok: true }
        },
        async () => ((await find(api, owner, id, ctx)) ? undefined : { ok: true }),
        ctx,
      )
    },
  }
}

export function opsOf(api: Api): KohaOps {
  const change = async (patron: Address, id: string, change: Change, ctx: Context): Promise<Done> => {
    const owner = await owned(api, patron, id, ctx)
    return settled<{ ok: true }>(
      async () => {
        await api.ask({ path: `/holds/${id}/suspension`, ...change }, ctx)
        return { ok: true }
      },
      async () => {
        const hold = await find(api, owner, id, ctx)
        if (!hold || flagOf(hold, 'suspended') !== (change.method === 'POST')) return undefined
        // It may have been suspended before, until another day; some releases say it with a time.
        const same = textOf(hold, 'suspended_until')?.slice(0, 10) === change.json?.end_date
        return same || change.method === 'DELETE' ? { ok: true } : undefined
      },
      ctx,
    )
  }
  return {
    suspend(patron, hold, until, ctx) {
      return change(patron, hold, { method: 'POST', json: until === undefined ? {} : { end_date: until } }, ctx)
    },
    resume: (patron, hold, ctx) => change(patron, hold, { method: 'DELETE' }, ctx),
  }
}

// ── what is there ────────────────────────────────────────────────────────────────────────────
/** Koha's `_match` is `contains` unless told otherwise, and a path of 19.11 cannot be told: others' holds are left out here. */
async function* listed(api: Api, patron: string, ctx: Context): AsyncGenerator<Row> {
  const query = { patron_id: patron, _match: 'exact' }
  const list = { path: '/holds', query, id: 'hold_id', embed: 'biblio' }
  for await (const hold of api.each(list, ctx)) if (idIn(hold, 'patron_id') === patron) yield hold
}

async function find(api: Api, patron: string, id: string, ctx: Context): Promise<Row | undefined> {
  for await (const hold of listed(api, patron, ctx)) if (idIn(hold, 'hold_id') === id) return hold
  return undefined
}

/** Whose hold it is; `not_found` where it is not this patron's. */
async function owned(api: Api, patron: Address, id: string, ctx: Context): Promise<string> {
  const owner = await idOf(api, patron, ctx)
  if (!(await find(api, owner, id, ctx))) throw new PrmError('not_found', 'The patron has no such hold.')
  return owner
}

function holdOf(hold: Row): Hold {
  const state = stateOf(hold)
  return {
    id: idIn(hold, 'hold_id'),
    title: titleOf(rowOf(hold, 'biblio')),
    state,
    pickup: known(hold, 'pickup_library_id'),
    // Before it waits at the desk the same field is the day after which it is not wanted any more.
    collectBy: state === 'ready' ? known(hold, 'expiration_date') : { is: 'empty' },
  }
}

/** Koha/Hold.pm; a letter that is not here has left the queue and is not at the desk. */
export function stateOf(hold: Row): Hold['state'] {
  if (textOf(hold, 'cancellation_date', 'cancelation_date')) return 'cancelled'
  const status = textOf(hold, 'status')
  if (status) return status === 'W' ? 'ready' : status === 'T' ? 'in-transit' : 'processing'
  return flagOf(hold, 'suspended') ? 'suspended' : 'waiting'
}

// ── place ────────────────────────────────────────────────────────────────────────────────────
type Wanted = Parameters<Holds['place']>[1]

/** Old releases run no rules at all on this call, so what can be known of the patron is checked here; new ones check the rest. */
async function place(api: Api, who: Address, wanted: Wanted, ctx: Context): ReturnType<Holds['place']> {
  const { bib, item, pickup, until } = wanted
  if (bib === undefined && item === undefined)
    throw new PrmError('invalid', 'A hold is on a bib or on an item.', { field: 'bib' })
  const json = {
    ...(bib !== undefined && { biblio_id: numberOf(bib, 'bib') }),
    ...(item !== undefined && { item_id: numberOf(item, 'item') }),
    pickup_library_id: pickup,
    ...(until !== undefined && { expiration_date: until }),
  }
  const patron = await patronOf(api, who, ctx)
  const [block] = blocksOf(patron, api, ctx)
  if (block) return refusalOf(block === 'address' ? 'bad_address' : block.replace('-', '_'))
  const owner = idIn(patron, 'patron_id')
  const isSame = (hold: Row) => (item === undefined ? idIn(hold, 'biblio_id') === bib : idIn(hold, 'item_id') === item)
  const look = async () => {
    for await (const hold of listed(api, owner, ctx)) if (isSame(hold)) return idIn(hold, 'hold_id')
    return undefined
  }
  if (await look()) return { ok: false, reason: 'duplicate', text: 'already_on_hold' }
  const call = { method: 'POST', path: '/holds', json: { patron_id: Number(owner), ...json } } as const
  try {
    return await settled<{ ok: true; hold: string }>(
      async () => ({ ok: true, hold: idIn((await api.ask(call, ctx, wireRow('hold_id'))).value, 'hold_id') }),
      async () => {
        const hold = await look()
        return hold === undefined ? undefined : { ok: true, hold }
      },
      ctx,
    )
  } catch (error) {
    throw await explained(api, error, pickup, ctx)
  }
}

function numberOf(id: string, field: string): number {
  if (!/^\d+$/.test(id)) throw new PrmError('invalid', 'Koha’s ids are numbers.', { field })
  return Number(id)
}

/** Which field of a hold Koha did not take. Old releases break with 500 on a library that they do not know, and say 401 of it. */
async function explained(api: Api, error: unknown, pickup: string, ctx: Context): Promise<unknown> {
  if (!PrmError.is(error)) return error
  const { reason = '', fields } = saidBy(error)
  const invalid = (field: string | undefined) =>
    new PrmError('invalid', 'Koha does not take this hold.', { cause: error, ...(field && { field }) })
  if (reason === 'invalid_pickup_location') return invalid('pickup')
  if (error.code === 'invalid') return invalid(/record not found/i.test(reason) ? 'bib' : fields[0]?.field)
  if (error.code !== 'unavailable') return error
  const code = await api.ask({ path: `/libraries/${encodeURIComponent(pickup)}` }, ctx).then(
    () => undefined,
    (other: unknown) => PrmError.is(other) && other.code,
  )
  return code === 'not_found' || code === 'auth' ? invalid('pickup') : error
}
