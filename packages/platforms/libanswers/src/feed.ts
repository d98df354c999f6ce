import { type Context, type Feed, type FeedPage, type Json, PrmError } from '@prm/core/adapter'
import { sha256 } from '@prm/kit'
import { filesSince, pageChanges } from '@prm/kit-pages'
import type { Api } from './api.ts'
import type { Exports } from './config.ts'
import { readQuestions } from './exports.ts'
import { knowledge } from './knowledge.ts'
import { transactions } from './statistics.ts'

interface Cursor {
  readonly statistics?: string
  readonly faqs?: Json
  /** By folder and file, its size and date. */
  readonly files?: { readonly [folder: string]: { readonly [name: string]: string } }
}

/** Reference analytics, what changed in the FAQs, and exports: what there is of it, one after the other. */
export function feed(api: Api): Feed {
  const { statistics, changes, exports = [] } = api.options
  return {
    every: '1h',
    async *pull(from, ctx) {
      let cursor = (from ?? {}) as Cursor
      const told = (batch: Omit<FeedPage, 'cursor'>, change: Cursor): FeedPage => {
        cursor = { ...cursor, ...change }
        return { ...batch, cursor: cursor as Json }
      }
      if (statistics) {
        const { dataset, since } = statistics
        for await (const { facts, bad, day } of transactions(api, dataset, since, cursor.statistics, ctx))
          yield told({ interactions: facts, rejected: bad }, { statistics: day })
      }
      if (changes) {
        const pages = knowledge(api).pages(undefined, ctx)
        for await (const { cursor: faqs, ...batch } of pageChanges(pages, cursor.faqs, ctx)) yield told(batch, { faqs })
      }
      for (const one of exports)
        yield* folder(api, one, cursor.files?.[one.path], ctx, (batch, known) =>
          told(batch, { files: { ...cursor.files, [one.path]: known } }),
        )
    },
  }
}

type Known = { readonly [name: string]: string }

/** One file after the other; what was read of one that broke off is read again, and told once. */
async function* folder(
  api: Api,
  { of, path, columns, dates, onFile }: Exports,
  before: Known = {},
  ctx: Context,
  told: (batch: Omit<FeedPage, 'cursor'>, known: Known) => FeedPage,
): AsyncGenerator<FeedPage> {
  let known = before
  // Read otherwise, it is another file.
  const tag = sha256(JSON.stringify([of, columns, dates])).hex.slice(0, 8)
  const { timeZone, statistics } = api.options
  for (const { name, mark, open } of await filesSince(path, before, tag)) {
    const options = { of, file: name, columns, dates, timeZone, dataset: statistics?.dataset }
    try {
      for await (const { report, ...batch } of readQuestions(open(ctx.signal), options, ctx.id)) {
        if (ctx.signal.aborted) return
        if (batch.interactions.length + batch.bad.length > 0)
          yield told({ interactions: batch.interactions, rejected: batch.bad }, known)
        if (report) onFile?.(report)
      }
      if (ctx.signal.aborted) return
      known = { ...known, [name]: mark }
      yield told({ interactions: [] }, known)
    } catch (error) {
      if (ctx.signal.aborted) return
      if (!PrmError.is(error) || !(error.code === 'invalid' || error.field?.startsWith('columns.'))) throw error
      // One file that is none keeps no other from being read.
      known = { ...known, [name]: mark }
      yield told({ interactions: [], rejected: [{ source: name, reason: error.message }] }, known)
    }
  }
}
