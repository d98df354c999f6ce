import type { Context, Directory, Json, Known, Medium, NoticeKind, Preferences } from '@prm/core/adapter'
import { PrmError } from '@prm/core/adapter'
import { type Api, isBroken, saidBy, unlessMissing } from './api.ts'
import { type Row, rowOf, textOf, unavailable, wireRow } from './values.ts'

// ── write ────────────────────────────────────────────────────────────────────────────────────
type Change = Parameters<NonNullable<Directory['write']>>[1]
type Words<T> = { readonly [word: string]: T }
type Fields = Words<string>

export async function write(api: Api, messaging: Messaging, id: string, change: Change, ctx: Context): Promise<void> {
  const { email, phone, preferences } = change
  const said = { email, [api.options.phoneField]: phone }
  const fields = Object.fromEntries(
    Object.entries(said).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
  // Before the first write: what is refused altogether shall not be half written.
  const put = preferences && (await messaging.prepare(id, preferences, ctx))
  if (Object.keys(fields).length > 0 && !(await messaging.patch(id, fields, ctx))) await replace(api, id, fields, ctx)
  await put?.()
}

/** What Koha computes, or sets itself: it refuses or should not be told it (definitions/patron). */
const computed = ['patron_id', 'updated_on', 'restricted', 'expired', 'anonymized']
/** What one release or another demands of a record that it is given. */
const demanded = ['surname', 'address', 'city', 'library_id', 'category_id']

/**
 * Koha's PUT takes the whole record: it is read just before, and goes back as it was but for these fields. There is no
 * version to compare, so what staff save between the two calls is lost; with the plugin there is no such gap.
 */
async function replace(api: Api, id: string, fields: Fields, ctx: Context): Promise<void> {
  const path = `/patrons/${id}`
  const read = async () => (await api.ask({ path }, ctx, wireRow())).value
  const before = await read()
  const whole = { ...before, ...fields } as { [field: string]: Json }
  for (const name of computed) delete whole[name]
  const put = () => api.ask({ method: 'PUT', path, json: whole }, ctx)
  try {
    await put().catch((error: unknown) => {
      // Releases differ in what they let nobody write; refused, nothing was changed yet.
      const odd = refusedNames(error).filter((name) => name in whole && !(name in fields))
      if (odd.length === 0) throw error
      for (const name of odd) delete whole[name]
      return put()
    })
  } catch (error) {
    if (!PrmError.is(error)) throw error
    const [wrong] = saidBy(error).fields
    const invalid = (field: string) =>
      new PrmError('invalid', 'Koha does not take the record with this field as it is.', { cause: error, field })
    if (error.code === 'invalid' && wrong) throw invalid(wrong.field)
    if (error.code !== 'unknown') throw error
    const after = await read().catch(() => undefined)
    if (after && Object.entries(fields).every(([name, value]) => textOf(after, name) === value)) return
    if (!after || !isBroken(error)) throw error
    // Old releases break on what they do not check.
    const lacking = demanded.find((name) => textOf(before, name) === undefined)
    if (lacking) throw invalid(lacking)
    throw new PrmError('unavailable', 'Koha broke off and did not write it.', { cause: error })
  }
}

/** `Read-only.` of a field, `Properties not allowed: a, b.` of the whole. */
function refusedNames(error: unknown): readonly string[] {
  return saidBy(error).fields.flatMap(({ field, why }) => {
    const [, names] = /^Properties not allowed: (.*?)\.?$/.exec(why) ?? []
    return names ? names.split(', ') : /^Read-only/.test(why) ? [field] : []
  })
}

// ── messaging preferences: koha-plugin-rest-di ───────────────────────────────────────────────
/** Koha's kinds of message in our words; what a library or a release adds keeps its own name. */
const kinds: Words<NoticeKind> = {
  Hold_Filled: 'hold-ready',
  Hold_Reminder: 'hold-expiring',
  Advance_Notice: 'due-soon',
  Item_Due: 'due-today',
  Item_Checkout: 'check-out',
  Item_Check_in: 'check-in',
  Auto_Renewals: 'renewed',
}
const media: Words<Medium> = { sms: 'sms', email: 'email', phone: 'voice', itiva: 'voice', print: 'print' }

/** koha-plugin-rest-di, where it is there. */
export interface Messaging {
  read(id: string, ctx: Context): Promise<Known<Preferences>>
  /** Throws where they cannot be written, and gives what writes them. */
  prepare(id: string, wanted: Preferences, ctx: Context): Promise<() => Promise<unknown>>
  /** Some fields alone, which Koha's own API cannot; `false` where there is no plugin. */
  patch(id: string, fields: Fields, ctx: Context): Promise<boolean>
}

export function messagingOf(api: Api): Messaging {
  const absent = 'Koha’s API does not tell messaging preferences: the plugin koha-plugin-rest-di does.'
  let missing = false
  const path = (id: string, rest = '') => `/contrib/kohasuomi/patrons/${id}${rest}`
  const asked = async (id: string, ctx: Context) => {
    const call = { path: path(id), query: { query_messaging_preferences: 1 } }
    const said = rowOf((await api.ask(call, ctx, wireRow())).value, 'messaging_preferences') ?? {}
    return Object.keys(said).map((name) => [name, rowOf(said, name) ?? {}] as const)
  }
  /** 404 is said of a plugin that is not there, and of a patron who was merged away this moment. */
  const isMissing = async (error: unknown, id: string, ctx: Context): Promise<boolean> => {
    if (!PrmError.is(error) || error.code !== 'not_found') return false
    const isThere = api.ask({ path: `/patrons/${id}` }, ctx).then(() => true)
    missing ||= await unlessMissing(isThere, () => false)
    return missing
  }
  return {
    async read(id, ctx) {
      if (missing) return unavailable(absent)
      try {
        const said = await asked(id, ctx)
        const value = said.map(([name, wish]) => [kinds[name] ?? name, mediaOf(wish)] as const)
        return { is: 'value', value: Object.fromEntries(value) }
      } catch (error) {
        if (await isMissing(error, id, ctx)) return unavailable(absent)
        if (PrmError.is(error) && error.code === 'not_found') return unavailable('The patron is no more.')
        const { permission } = saidBy(error)
        if (permission) return unavailable(`The account lacks the permission ${permission}.`)
        throw error
      }
    },
    async prepare(id, wanted, ctx) {
      const before = await asked(id, ctx).catch(async (error: unknown) => {
        throw (await isMissing(error, id, ctx)) ? new PrmError('unavailable', absent) : error
      })
      const names = before.flatMap(([name]) => wordsOf(name))
      const odd = Object.keys(wanted).find((kind) => kind !== '*' && !names.includes(kind))
      if (odd) throw new PrmError('invalid', 'Koha has no such kind of message.', { field: `preferences.${odd}` })
      const json = Object.fromEntries(before.map(([name, wish]) => [name, changed(name, wish, wanted)]))
      return () => api.ask({ method: 'PUT', path: path(id, '/messaging_preferences'), json }, ctx)
    },
    async patch(id, fields, ctx) {
      if (missing) return false
      const call = api.ask({ method: 'PATCH', path: path(id), json: fields }, ctx).then(() => true)
      return call.catch(async (error: unknown) => {
        if (await isMissing(error, id, ctx)) return false
        throw error
      })
    },
  }
}

const wordsOf = (attribute: string): readonly string[] => [kinds[attribute] ?? attribute, attribute]

function mediaOf(wish: Row): readonly Medium[] {
  const transports = rowOf(wish, 'transport_types')
  return [...new Set(Object.entries(media).flatMap(([name, medium]) => (transports?.[name] ? [medium] : [])))]
}

/** One kind as it shall be, with all that is not asked to change as it was; what can be configured is not written. */
function changed(attribute: string, wish: Row, wanted: Preferences): Json {
  const kind = wordsOf(attribute).find((word) => wanted[word])
  const asked = wanted[kind ?? '*']
  const transports = (rowOf(wish, 'transport_types') ?? {}) as { readonly [name: string]: boolean }
  const odd = asked?.find((medium) => !Object.keys(transports).some((name) => media[name] === medium))
  if (kind && odd)
    throw new PrmError('invalid', `Koha sends no ${attribute} by ${odd}.`, { field: `preferences.${kind}` })
  const kept = ['days_in_advance', 'digest'].map((part) => [part, rowOf(wish, part)?.value] as const)
  const chosen = (name: string) => asked?.includes(media[name] ?? '') ?? transports[name] === true
  return {
    ...Object.fromEntries(kept.flatMap(([part, value]) => (value === undefined ? [] : [[part, { value }]]))),
    transport_types: Object.fromEntries(Object.keys(transports).map((name) => [name, chosen(name)])),
  }
}
