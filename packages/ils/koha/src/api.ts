import { type Context, PrmError } from '@prm/core/adapter'
import { type Call, client, type Fields, resolve, type Wire } from '@prm/kit'
import * as z from 'zod/mini'
import type { Options } from './config.ts'
import { codeOf, readSaid, type Said } from './errors.ts'
import { idIn, type Row, textOf, wireRow } from './values.ts'

export interface Api {
  readonly options: Options
  /** One call below /api/v1. What Koha said to a refusal is there by `saidBy(error)`. */
  ask<T = unknown>(call: KohaCall, ctx: Context, wire?: Wire<T>): Promise<Answer<T>>
  /** Every row of a list once, also when the list changes while it is read. */
  each(list: List, ctx: Context): AsyncGenerator<Row>
  /** Does this Koha know `q`, `_order_by` on API names and embedding (20.05 and later)? Asked once, by trying. */
  modern(ctx: Context): Promise<boolean>
}

export type KohaCall = Omit<Call, 'method'> & { readonly method?: Call['method']; readonly embed?: string | undefined }

export interface Answer<T> {
  readonly value: T
  readonly status: number
  /** Of a list, how many there are on all pages, where Koha says so. */
  readonly total: number
}

export interface List {
  readonly path: string
  readonly query?: Fields
  /** On releases that know it; the others need `query`. */
  readonly q?: object | undefined
  /** The API's name of its id, to page by. */
  readonly id: string
  readonly embed?: string
}

const base = '/api/v1'
const said = new WeakMap<PrmError, Said>()

/** What Koha said in the refusal that this error is of. */
export const saidBy = (error: unknown): Said => (PrmError.is(error) && said.get(error)) || { text: '', fields: [] }

/** What a call gives, or `otherwise` where Koha has no such thing. */
export async function unlessMissing<T, O>(call: Promise<T>, otherwise: () => O): Promise<T | O> {
  return call.catch((error: unknown) => {
    if (PrmError.is(error) && error.code === 'not_found') return otherwise()
    throw error
  })
}

/** A write that is over, since Koha itself said that it broke, or is under maintenance: 502 and 504 are a proxy's words. */
export const isBroken = (error: PrmError): boolean => [500, 503].includes(error.vendor?.status ?? 0)

export function api(options: Options): Api {
  const header = credentials(options)
  /** By path, what this release does not take there. */
  const left = new Map<string, ReadonlySet<string>>()
  let probed: Promise<boolean> | undefined

  const self: Api = { options, ask, modern, each }
  return self

  async function ask<T>(call: KohaCall, ctx: Context, wire = z.unknown() as unknown as Wire<T>): Promise<Answer<T>> {
    const { embed, query, method = 'GET', ...rest } = call
    const at = call.path.replace(/\d+/g, '…')
    const taken = (name: string) => !left.get(at)?.has(name)
    const asked = query && Object.fromEntries(Object.entries(query).filter(([name]) => taken(name)))
    const embeds = embed !== undefined && taken('embed') && (await modern(ctx))
    let [body, status, total]: [unknown, number, number] = [undefined, 0, 0]
    const http = client({
      baseUrl: options.baseUrl,
      headers: async () => ({
        accept: 'application/json',
        authorization: await header.value(ctx),
        ...(embeds && { 'x-koha-embed': embed }),
      }),
      code: (status, refused) => {
        body = refused
        if (status === 401) header.stale()
        return codeOf(status, refused, options)
      },
      async fetch(...request) {
        const response = await (options.fetch ?? fetch)(...request)
        status = response.status
        total = Number(response.headers.get('x-total-count') ?? 0)
        return response
      },
    })
    try {
      const sent = { ...rest, method, path: base + call.path, ...(asked && { query: asked }) }
      return { value: await http.call(sent, wire, ctx), status, total }
    } catch (error) {
      if (!PrmError.is(error)) throw error
      const refused = readSaid(body)
      if (method === 'GET' && error.vendor?.status === 400) {
        // Releases differ in which of their own parameters a path takes, and in what they embed: then without, from now on.
        const names = refused.fields
          .map(({ field }) => field)
          .filter((name) => /^_/.test(name) && name in (asked ?? {}))
        const odd = names.length === 0 && embeds ? ['embed'] : names
        left.set(at, new Set([...(left.get(at) ?? []), ...odd]))
        if (odd.length > 0) return ask(call, ctx, wire)
      }
      said.set(error, refused)
      throw error
    }
  }

  async function modern(ctx: Context): Promise<boolean> {
    const query = { q: JSON.stringify({ patron_id: 0 }), _page: 1, _per_page: 1 }
    probed ??= ask({ path: '/patrons', query }, ctx).then(() => true)
    const asked = probed
    try {
      return await asked
    } catch (error) {
      // An old one does not know the parameter, and says 400.
      const old = PrmError.is(error) && error.vendor?.status === 400
      if (old || probed === asked) probed = old ? Promise.resolve(false) : undefined
      // Whoever may not list patrons is not told, and can do without.
      if (old || (PrmError.is(error) && error.code === 'forbidden')) return false
      throw error
    }
  }

  async function* each(list: List, ctx: Context): AsyncGenerator<Row> {
    yield* (await modern(ctx)) ? byId(self, list, ctx) : byPage(self, list, ctx)
  }
}

// ── who we are ───────────────────────────────────────────────────────────────────────────────
function credentials(options: Options) {
  const { user, password = '', clientSecret = '' } = options
  let token: Promise<string> | undefined
  return {
    async value(ctx: Context): Promise<string> {
      if (user !== undefined) return `Basic ${Buffer.from(`${user}:${await resolve(password)}`).toString('base64')}`
      // One at a time: those that come meanwhile wait for the same token.
      token ??= resolve(clientSecret).then((secret) => tokenOf(options, secret, ctx))
      token.catch(() => this.stale())
      return token
    },
    /** Koha did not take it: the next call asks for another, where there is one. */
    stale() {
      token = undefined
    },
  }
}

async function tokenOf(options: Options, client_secret: string, ctx: Context): Promise<string> {
  const http = client({
    baseUrl: options.baseUrl,
    // 400 "Unimplemented grant type": RESTOAuth2ClientCredentials is off. 404: nothing of Koha's answers at this URL.
    code: (status) => (status === 400 || status === 404 ? 'config' : status === 403 ? 'auth' : undefined),
    ...(options.fetch && { fetch: options.fetch }),
  })
  const form = { grant_type: 'client_credentials', client_id: options.clientId, client_secret }
  // Another token harms nothing, so that it may be asked for again.
  const call = { method: 'POST', path: `${base}/oauth/token`, form, write: false } as const
  return `Bearer ${textOf(await http.call(call, wireRow('access_token'), ctx), 'access_token')}`
}

// ── lists ────────────────────────────────────────────────────────────────────────────────────
/** Embedded records are long, and an answer may have 1 MiB. */
const sizeOf = ({ embed }: List): number => (embed === undefined ? 100 : 25)

/** From id to id: whatever comes and goes meanwhile moves nothing. */
async function* byId(api: Api, list: List, ctx: Context): AsyncGenerator<Row> {
  for (let last = 0; ; ) {
    const after = { [list.id]: { '>': last } }
    const q = JSON.stringify(list.q ? { '-and': [list.q, after] } : after)
    const { value: page, total } = await pageOf(api, list, { q, _order_by: `+${list.id}`, _page: 1 }, ctx)
    yield* page
    const next = Math.max(last, ...page.map((row) => Number(idIn(row, list.id))))
    if (next <= last || isLast(page, list, page.length, total)) return
    last = next
  }
}

/**
 * By page number, which is all that an old Koha has: what goes meanwhile pulls the rest up, past the page that is read next.
 * So a list of several pages is read until nothing new turns up; three times at the most.
 */
async function* byPage(api: Api, list: List, ctx: Context): AsyncGenerator<Row> {
  const seen = new Set<string>()
  for (let pass = 1; pass <= 3; pass++) {
    const before = seen.size
    const read = new Set<string>()
    let number = 1
    for (; ; number++) {
      const { value: page, total } = await pageOf(api, list, { _page: number }, ctx)
      const had = read.size
      for (const row of page) {
        const id = idIn(row, list.id)
        if (!seen.has(id)) yield row
        seen.add(id)
        read.add(id)
      }
      // A path that knows no pages gives everything again and again.
      if (read.size === had || isLast(page, list, read.size, total)) break
    }
    if (number === 1 || seen.size === before) return
  }
}

/** A server that gives fewer at a time than it was asked for says by its count that there are more. */
const isLast = (page: readonly Row[], list: List, count: number, total: number): boolean =>
  page.length === 0 || (page.length < sizeOf(list) && count >= total)

async function pageOf(api: Api, list: List, which: Fields, ctx: Context): Promise<Answer<readonly Row[]>> {
  if (ctx.signal.aborted) throw new PrmError('unavailable', 'A list was called off before its end.')
  const { path, embed } = list
  const query = { ...list.query, ...which, _per_page: sizeOf(list) }
  return api.ask({ path, query, embed }, ctx, z.array(wireRow(list.id) as unknown as z.ZodMiniType<Row>))
}
