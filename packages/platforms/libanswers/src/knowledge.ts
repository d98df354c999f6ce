import { type Context, type Knowledge, type KnowledgePage, PrmError } from '@prm/core/adapter'
import { shownText, versionOf } from '@prm/kit-pages'
import * as z from 'zod/mini'
import { type Api, id, instantOf, list, text } from './api.ts'

const url = z.pipe(
  z.unknown(),
  z.transform((value) => {
    // An object in lists, a text in searches. `admin` is for staff.
    const said = typeof value === 'object' && value !== null && 'public' in value ? value.public : value
    return typeof said === 'string' && /^https?:/.test(said) ? said : undefined
  }),
)
const wireFaq = z.object({
  faqid: id,
  id,
  question: text,
  answer: text,
  details: text,
  url,
  updated: text,
  created: text,
})
type Faq = z.infer<typeof wireFaq>
const wireFaqs = z.object({ faqs: list(wireFaq) })
const wireFound = z.object({ search: z.optional(z.object({ error: text, results: list(wireFaq) })) })

export function knowledge(api: Api): Knowledge {
  return {
    pages: (since, ctx) => pages(api, since, ctx),
    ...(api.options.iid !== undefined && { search: (words: string, ctx: Context) => search(api, words, ctx) }),
  }
}

/** It gives 20 at a time whatever it is asked for, and says nowhere how many there are: the end is an empty page, or one that it gave before. */
async function* pages(api: Api, since: string | undefined, ctx: Context): AsyncGenerator<KnowledgePage> {
  const seen = new Set<string>()
  for (let page = 1; ; page++) {
    if (ctx.signal.aborted) throw new PrmError('unavailable', 'The list of FAQs was called off before its end.')
    const query = { limit: 100, page, group_id: api.options.group }
    const { faqs } = await api.ask({ method: 'GET', path: '/faqs', query }, wireFaqs, ctx)
    const before = seen.size
    for (const faq of faqs) {
      const key = faq.faqid ?? faq.id
      if (key === undefined || seen.has(key)) continue
      seen.add(key)
      const told = pageOf(api, faq, ctx)
      if (told && (since === undefined || (told.updated ?? since) >= since)) yield told
    }
    if (seen.size === before) return
  }
}

async function search(api: Api, words: string, ctx: Context): Promise<readonly KnowledgePage[]> {
  const path = `/search/${encodeURIComponent(words)}`
  const query = { iid: api.options.iid, limit: 50, group_id: api.options.group }
  const { search } = await api.askPublic({ method: 'GET', path, query }, wireFound, ctx)
  if (!search || search.error !== undefined)
    throw new PrmError('contract', 'LibAnswers answered a search with an error.')
  return search.results.flatMap((faq) => pageOf(api, faq, ctx) ?? [])
}

/** Nothing of what has no public address: it is for staff. */
function pageOf(api: Api, faq: Faq, ctx: Context): KnowledgePage | undefined {
  const key = faq.faqid ?? faq.id
  if (key === undefined || faq.question === undefined || faq.url === undefined) return undefined
  const title = shownText(faq.question)
  const html = faq.answer ?? faq.details
  const words = html === undefined ? undefined : shownText(html)
  const updated = instantOf(faq.updated ?? faq.created, api.clock)
  return {
    ref: {
      system: ctx.id,
      id: `faq ${key}`,
      url: faq.url,
      // A search tells no answer, so no version.
      ...(words !== undefined && { version: versionOf(title, words) }),
    },
    title,
    ...(words !== undefined && { text: words }),
    ...(updated && { updated }),
  }
}
