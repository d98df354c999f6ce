import { randomUUID } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Adapter, type Interaction, type Json, type Metric, type NoticeResult, PrmError } from '@prm/core'
import { factOf } from './pigeon.ts'
import { type Break, credentials } from './run.ts'

type Pigeon = Parameters<Break>[0]

const received = ({ webhook, ...adapter }: Pigeon, change: (fact: Interaction) => Interaction): Adapter => ({
  ...adapter,
  webhook: {
    async receive(request, ctx) {
      const { interactions } = await webhook.receive(request, ctx)
      return { interactions: interactions.map(change) }
    },
  },
})

const sending = (adapter: Pigeon, send: Pigeon['channel']['send']): Adapter => ({
  ...adapter,
  channel: { ...adapter.channel, send },
})

const finding = (adapter: Pigeon, find: Pigeon['channel']['lookup']): Adapter => ({
  ...adapter,
  channel: { ...adapter.channel, lookup: find },
})

const reporting = (adapter: Pigeon, report: (results: readonly NoticeResult[]) => void): Adapter => ({
  ...adapter,
  writeBack: {
    async report(results, ctx) {
      if (ctx.signal.aborted) return adapter.writeBack.report(results, ctx)
      report(results)
    },
  },
})

const finds = (adapter: Pigeon, find: Pigeon['directory']['find']): Adapter => ({ ...adapter, directory: { find } })

const renews = ({ circulation, ...adapter }: Pigeon, renew: Pigeon['circulation']['renew']): Adapter => ({
  ...adapter,
  circulation: { ...circulation, renew },
})

const looks = (adapter: Pigeon, byIsbn: Pigeon['catalogue']['byIsbn']): Adapter => ({
  ...adapter,
  catalogue: { ...adapter.catalogue, byIsbn },
})

const tells = ({ knowledge, ...adapter }: Pigeon, pages: Pigeon['knowledge']['pages']): Adapter => ({
  ...adapter,
  knowledge: { ...knowledge, pages },
})

const counts = (adapter: Pigeon, pull: Pigeon['metrics']['pull']): Adapter => ({ ...adapter, metrics: { pull } })

/** Each of a list, as another. */
async function* each<T>(list: AsyncIterable<T>, change: (one: T) => readonly T[]): AsyncGenerator<T> {
  for await (const one of list) yield* change(one)
}

/** Nothing, where it cannot be asked. */
async function* quietly<T>(list: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* list
  } catch {}
}

/** The error that a call threw. */
async function caught<T>(call: Promise<T>, change: (error: PrmError) => PrmError): Promise<T> {
  return call.catch((error: unknown) => {
    throw PrmError.is(error) ? change(error) : error
  })
}

const left: { timers: ReturnType<typeof setInterval>[]; files: number[] } = { timers: [], files: [] }
/** What the mutants left open. */
export function tidy(): void {
  left.timers.forEach(clearInterval)
  left.files.forEach((file) => void closeSync(file))
}

/** Each with the check that is named for it first, and the others that it cannot but fail too. */
export const mutants: { readonly [what: string]: readonly [readonly string[], Break] } = {
  'a clock in keys': [
    ['webhook/keys'],
    (adapter) =>
      received(adapter, (fact) => ({ ...fact, key: `${fact.key} ${new Date().toISOString().slice(0, 10)}` })),
  ],
  'something random in keys': [
    ['webhook/keys', 'webhook/redelivered'],
    (adapter) => received(adapter, (fact) => ({ ...fact, key: randomUUID() })),
  ],
  'the day of the run in the keys of a feed': [
    ['feed/keys'],
    ({ feed, ...adapter }) => ({
      ...adapter,
      feed: {
        ...feed,
        async *pull(cursor, ctx) {
          for await (const batch of feed.pull(cursor, ctx)) {
            const run = ctx.now().toISOString().slice(0, 10)
            const interactions = batch.interactions.map((fact) => ({ ...fact, key: `${fact.key} ${run}` }))
            yield { ...batch, interactions }
          }
        },
      },
    }),
  ],
  'a status that is told again as another': [
    ['webhook/redelivered'],
    (adapter) => {
      const seen = new Map<string, number>()
      return received(adapter, (fact) => {
        const times = (seen.get(fact.key) ?? 0) + 1
        seen.set(fact.key, times)
        return times === 1 ? fact : { ...fact, key: `${fact.key} ${times}` }
      })
    },
  ],
  'a signature that nobody checks': [
    ['webhook/forged', 'webhook/unsigned', 'webhook/altered-body', 'webhook/oversize'],
    (adapter) => ({
      ...adapter,
      webhook: { receive: async (request, ctx) => ({ interactions: [factOf(await request.text(), ctx.id)] }) },
    }),
  ],
  'a request without a signature let in': [
    ['webhook/unsigned'],
    ({ webhook, ...adapter }) => ({
      ...adapter,
      webhook: {
        async receive(request, ctx) {
          if (request.headers.has('pigeon-signature')) return webhook.receive(request, ctx)
          return { interactions: [factOf(await request.text(), ctx.id)] }
        },
      },
    }),
  ],
  'a fact that is not what it says': [
    ['webhook/valid'],
    (adapter) => received(adapter, (fact) => ({ ...fact, data: { content: 'a text' } })),
  ],
  'the secret in an error': [
    ['privacy/errors'],
    (adapter) =>
      sending(adapter, (message, ctx) =>
        caught(adapter.channel.send(message, ctx), ({ code, message: said, retryAfterMs }) => {
          const cause = new Error(`POST with Bearer ${credentials.token}`)
          return new PrmError(code, said, { cause, ...(retryAfterMs !== undefined && { retryAfterMs }) })
        }),
      ),
  ],
  'the number in a log': [
    ['privacy/logs'],
    (adapter) =>
      sending(adapter, (message, ctx) => {
        ctx.log('info', 'Sending.', { to: message.to.value.replace(/^\+1(\d{3})(\d{3})/, '($1) $2-') })
        return adapter.channel.send(message, ctx)
      }),
  ],
  'the token on the adapter': [['privacy/adapter'], (adapter) => ({ ...adapter, ops: { token: credentials.token } })],
  'an instance of a class': [
    ['manifest/plain'],
    (adapter) => Object.assign(Object.create({ describe: () => 'a pigeon' }), adapter),
  ],
  'a write that is made again': [
    ['channel/written-once', 'channel/reset-after-accept'],
    (adapter) =>
      sending(adapter, (message, ctx) =>
        adapter.channel.send(message, ctx).catch((error: unknown) => {
          if (ctx.signal.aborted || !PrmError.is(error) || error.code !== 'unknown') throw error
          return adapter.channel.send(message, ctx)
        }),
      ),
  ],
  'a lost answer called a failure': [
    [
      'channel/hang-after-accept',
      'channel/reset-after-accept',
      'channel/slow-body',
      'channel/server-error',
      'channel/html',
      'channel/oversize-body',
    ],
    (adapter) =>
      sending(adapter, (message, ctx) =>
        caught(adapter.channel.send(message, ctx), (error) =>
          error.code === 'unknown' ? new PrmError('unavailable', error.message) : error,
        ),
      ),
  ],
  'Retry-After left in seconds': [
    ['channel/rate-limited-seconds', 'channel/rate-limited-date'],
    (adapter) =>
      sending(adapter, (message, ctx) =>
        caught(adapter.channel.send(message, ctx), ({ code, message: said, retryAfterMs }) => {
          return new PrmError(code, said, retryAfterMs === undefined ? {} : { retryAfterMs: retryAfterMs / 1000 })
        }),
      ),
  ],
  'a signal that nobody heeds': [
    ['channel/abort'],
    (adapter) =>
      sending(adapter, (message, ctx) =>
        adapter.channel.send(message, ctx.signal.aborted ? { ...ctx, signal: new AbortController().signal } : ctx),
      ),
  ],
  'a find that does not look at what is taken': [
    ['channel/find-taken'],
    (adapter) => finding(adapter, (sought, ctx) => adapter.channel.lookup({ ...sought, excludeProviderIds: [] }, ctx)),
  ],
  'a find that looks in the minutes of its own clock': [
    ['channel/find-clock-ahead', 'channel/find-clock-behind'],
    (adapter) =>
      finding(adapter, (sought, ctx) => {
        const near = (ms: number) => new Date(ctx.now().getTime() + ms).toISOString()
        return adapter.channel.lookup({ ...sought, from: near(-60_000), until: near(60_000) }, ctx)
      }),
  ],
  'an error swallowed, and nothing found': [
    ['channel/find-outage'],
    (adapter) => finding(adapter, (sought, ctx) => adapter.channel.lookup(sought, ctx).catch(() => 'absent')),
  ],
  'a cursor that holds the number of a patron': [
    ['feed/cursor'],
    ({ feed, ...adapter }) => ({
      ...adapter,
      feed: {
        ...feed,
        async *pull(cursor, ctx) {
          const { at } = (cursor ?? {}) as { at?: Json }
          for await (const batch of feed.pull(at, ctx)) {
            const who = { scheme: 'ils', realm: 'pigeon/card', value: '29451000777123' }
            const interactions = batch.interactions.map((fact) => ({ ...fact, who }))
            yield { interactions, cursor: { at: batch.cursor, last: who.value } }
          }
        },
      },
    }),
  ],
  'an outage of a feed that looks like an empty day': [
    ['feed/outage'],
    ({ feed, ...adapter }) => ({
      ...adapter,
      feed: {
        ...feed,
        async *pull(cursor, ctx) {
          try {
            yield* feed.pull(cursor, ctx)
          } catch {}
        },
      },
    }),
  ],
  'a feed that goes on after the host stopped': [
    ['feed/abort'],
    ({ feed, ...adapter }) => ({
      ...adapter,
      feed: {
        ...feed,
        pull: (cursor, ctx) => feed.pull(cursor, { ...ctx, signal: new AbortController().signal }),
      },
    }),
  ],
  'a file left open when a pull is stopped': [
    ['feed/stopped-early'],
    ({ feed, ...adapter }) => ({
      ...adapter,
      feed: {
        ...feed,
        async *pull(cursor, ctx) {
          const file = openSync(fileURLToPath(import.meta.url), 'r')
          left.files.push(file)
          yield* feed.pull(cursor, ctx)
          closeSync(left.files.splice(left.files.indexOf(file), 1)[0] ?? file)
        },
      },
    }),
  ],
  'a page skipped after the cursor': [
    ['feed/resume'],
    ({ feed, ...adapter }) => ({
      ...adapter,
      feed: {
        ...feed,
        pull: (cursor, ctx) => feed.pull(cursor === undefined ? cursor : Number(cursor) + 1, ctx),
      },
    }),
  ],
  'results told twice': [
    ['write-back/again'],
    (adapter, simulator) =>
      reporting(adapter, (results) => {
        for (const { origin, state } of results)
          if (origin?.startsWith('hold')) simulator?.api.tell(`${origin} ${Object.keys(simulator.told).length}`, state)
      }),
  ],
  'results told to nobody': [['write-back/again'], (adapter) => reporting(adapter, () => undefined)],
  'results without an origin that are told all the same': [
    ['write-back/no-origin'],
    (adapter, simulator) =>
      reporting(adapter, (results) => {
        for (const { origin, state } of results) simulator?.api.tell(`${origin}`, state)
      }),
  ],
  'results that count as told after the host stopped': [
    ['write-back/abort'],
    ({ writeBack, ...adapter }) => ({
      ...adapter,
      writeBack: { report: async (results, ctx) => (ctx.signal.aborted ? undefined : writeBack.report(results, ctx)) },
    }),
  ],
  'results given back that were not given': [
    ['write-back/again', 'write-back/no-origin'],
    ({ writeBack, ...adapter }) => ({
      ...adapter,
      writeBack: {
        async report(results, ctx) {
          await writeBack.report(results, ctx)
          return [{ about: { source: 'conformance', key: 'odd' }, state: 'not-sent', at: '2026-11-24T15:00:00Z' }]
        },
      },
    }),
  ],
  'requests of any size': [
    ['manifest/facets'],
    (adapter) => ({ ...adapter, webhook: { ...adapter.webhook, maxBytes: 17 * 1024 * 1024 } }),
  ],
  'the first of several patrons': [
    ['directory/ambiguous'],
    (adapter) => finds(adapter, async (...asked) => (await adapter.directory.find(...asked)).slice(0, 1)),
  ],
  'everybody for nobody': [
    ['directory/absent'],
    (adapter) =>
      finds(adapter, async (address, ctx) => {
        const found = await adapter.directory.find(address, ctx)
        return found.length > 0 ? found : adapter.directory.find({ scheme: 'tel', value: '+12125550134' }, ctx)
      }),
  ],
  'somebody else for somebody': [
    ['directory/find'],
    (adapter) =>
      finds(adapter, (address, ctx) => {
        const value = address.value === '+12125550134' ? '+12125550135' : address.value
        return adapter.directory.find({ ...address, value }, ctx)
      }),
  ],
  'nobody when it cannot ask': [
    ['directory/server-error', 'directory/html'],
    (adapter) => finds(adapter, (...asked) => adapter.directory.find(...asked).catch(() => [])),
  ],
  'no loans when it cannot ask': [
    ['circulation/outage'],
    ({ circulation, ...adapter }) => ({
      ...adapter,
      circulation: {
        ...circulation,
        async *loans(patron, ctx) {
          try {
            yield* circulation.loans(patron, ctx)
          } catch (error) {
            if (!PrmError.is(error) || error.code === 'not_found') throw error
          }
        },
      },
    }),
  ],
  'no loans of nobody': [
    ['circulation/absent'],
    ({ circulation, ...adapter }) => ({
      ...adapter,
      circulation: {
        ...circulation,
        async *loans(patron, ctx) {
          try {
            yield* circulation.loans(patron, ctx)
          } catch (error) {
            if (!PrmError.is(error) || error.code !== 'not_found') throw error
          }
        },
      },
    }),
  ],
  'a loan twice': [
    ['circulation/loans'],
    ({ circulation, ...adapter }) => ({
      ...adapter,
      circulation: {
        ...circulation,
        async *loans(patron, ctx) {
          for await (const loan of circulation.loans(patron, ctx)) yield* [loan, loan]
        },
      },
    }),
  ],
  'a refusal that is thrown': [
    ['circulation/refused'],
    (adapter) =>
      renews(adapter, async (...asked) => {
        const done = await adapter.circulation.renew(...asked)
        if (!done.ok) throw new PrmError('conflict', 'It was refused.')
        return done
      }),
  ],
  'the day as it was before': [
    ['circulation/renew', 'circulation/lost-answer'],
    (adapter) =>
      renews(adapter, async (...asked) => {
        const done = await adapter.circulation.renew(...asked)
        return done.ok ? { ok: true, due: '2026-12-01' } : done
      }),
  ],
  'a lost answer that counts as a refusal': [
    ['circulation/lost-answer'],
    (adapter, simulator) =>
      renews(adapter, async (patron, loan, ctx) => {
        const answer = await Promise.resolve(simulator)
          .then((there) => there?.api.renew(loan))
          .catch(() => undefined)
        if (answer === undefined) return { ok: false, reason: 'other', text: 'no answer' }
        if (answer.status === 409 && loan === '42') return { ok: false, reason: 'too-many', text: 'none left' }
        if (loan === '43') return adapter.circulation.renew(patron, loan, ctx)
        return { ok: true, due: '2026-12-22' }
      }),
  ],
  'the loans of others': [
    ['circulation/another'],
    (adapter) =>
      renews(adapter, (patron, loan, ctx) =>
        adapter.circulation.renew(loan === '43' ? { ...patron, value: '2002' } : patron, loan, ctx),
      ),
  ],
  'another record': [
    ['catalogue/by-isbn'],
    (adapter) =>
      looks(adapter, async (...asked) =>
        (await adapter.catalogue.byIsbn(...asked)).map((bib) => ({ ...bib, isbns: ['9781861972712'] })),
      ),
  ],
  'some record for a book that is not there': [
    ['catalogue/absent'],
    (adapter) => looks(adapter, (_, ctx) => adapter.catalogue.byIsbn('9780306406157', ctx)),
  ],
  'nothing in the catalogue when it cannot ask': [
    ['catalogue/server-error', 'catalogue/html'],
    (adapter) => looks(adapter, (...asked) => adapter.catalogue.byIsbn(...asked).catch(() => [])),
  ],
  'mark-up in a page': [
    ['knowledge/pages'],
    (adapter) =>
      tells(adapter, (...asked) =>
        each(adapter.knowledge.pages(...asked), (page) => [{ ...page, text: `<p>${page.text}</p>` }]),
      ),
  ],
  'the last page of one answer again in the next': [
    ['knowledge/page-boundary'],
    (adapter) =>
      tells(adapter, (since, ctx) =>
        each(adapter.knowledge.pages(since, ctx), (page) => (page.ref.id === '2' ? [page, page] : [page])),
      ),
  ],
  'the first answer alone': [
    ['knowledge/page-boundary'],
    (adapter) =>
      tells(adapter, (since, ctx) =>
        each(adapter.knowledge.pages(since, ctx), (page) => (page.ref.id === '2' ? [] : [page])),
      ),
  ],
  'all pages, whatever changed': [
    ['knowledge/since'],
    (adapter) => tells(adapter, (_, ctx) => adapter.knowledge.pages(undefined, ctx)),
  ],
  'the day of the run in a version': [
    ['knowledge/version'],
    (adapter) =>
      tells(adapter, (since, ctx) =>
        each(adapter.knowledge.pages(since, ctx), (page) => {
          return [{ ...page, ref: { ...page.ref, version: ctx.now().toISOString().slice(0, 10) } }]
        }),
      ),
  ],
  'a search that finds something always': [
    ['knowledge/search'],
    ({ knowledge, ...adapter }) => ({
      ...adapter,
      knowledge: { ...knowledge, search: (_, ctx) => knowledge.search('renew', ctx) },
    }),
  ],
  'no pages when it cannot ask': [
    ['knowledge/server-error', 'knowledge/html'],
    (adapter) => tells(adapter, (...asked) => quietly(adapter.knowledge.pages(...asked))),
  ],
  'days that were not asked for': [
    ['metrics/rows', 'metrics/sampled'],
    (adapter) => counts(adapter, (query, ctx) => adapter.metrics.pull({ ...query, from: '2026-01-01' }, ctx)),
  ],
  'a zero where nothing is said': [
    ['metrics/absent-is-not-zero'],
    (adapter) =>
      counts(adapter, async function* (query, ctx) {
        let last: Metric | undefined
        for await (const row of adapter.metrics.pull(query, ctx)) {
          yield row
          last = row
        }
        if (last && last.day === '2026-11-24')
          yield { ...last, page: { system: 'pigeon', id: '4' }, views: { is: 'value', value: 0 } }
      }),
  ],
  'a zero where nothing is counted': [
    ['metrics/absent-is-not-zero'],
    (adapter) =>
      counts(adapter, (...asked) =>
        each(adapter.metrics.pull(...asked), (row) => [{ ...row, exits: { is: 'value', value: 0 } }]),
      ),
  ],
  'an estimate told as a count': [
    ['metrics/sampled'],
    (adapter) =>
      counts(adapter, (...asked) => each(adapter.metrics.pull(...asked), (row) => [{ ...row, sampled: false }])),
  ],
  'nobody came when it cannot ask': [
    ['metrics/server-error', 'metrics/html'],
    (adapter) => counts(adapter, (...asked) => quietly(adapter.metrics.pull(...asked))),
  ],
  'a timer left': [
    ['lifecycle/left-open'],
    (adapter) =>
      sending(adapter, (message, ctx) => {
        left.timers.push(setInterval(() => undefined, 60_000))
        return adapter.channel.send(message, ctx)
      }),
  ],
  'a second close that throws': [
    ['lifecycle/close'],
    (adapter) => {
      let open = true
      return {
        ...adapter,
        async close() {
          if (!open) throw new PrmError('conflict', 'It is closed.')
          open = false
        },
      }
    },
  ],
}
