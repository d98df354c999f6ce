import { createHash } from 'node:crypto'
import type { Fault, Simulator } from '@prm/core/adapter'
import { type Answer, type Asked, anywhere, badDay, type Faults, faults, loopback } from '@prm/kit/simulator'

export interface SimulateOptions {
  /** The last part of the address of the alert, which is a secret. */
  readonly alert?: string
  /** A port of 127.0.0.1; any free one unless given. */
  readonly port?: number
  readonly now?: () => Date
}
export interface FeedsCredentials {
  /** Whoever has this address reads the alert. */
  readonly alertUrl: string
}
export interface Post {
  readonly id: string
  title: string
  html: string
  author?: string
  /** An instant; each format writes it in its own way. */
  at: string
  link: string
}
/** One feed, at its path. */
export interface Site {
  format: 'rss' | 'rdf' | 'atom' | 'json' | 'alert'
  posts: Post[]
  /** Answered instead of the posts: bytes as they are, a refusal, a redirect. */
  instead?: {
    readonly status: number
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string | Uint8Array
  }
}
/** A request, and how it was answered: 0 where it was not. */
export interface Visit {
  readonly path: string
  readonly status: number
  readonly headers: Asked['headers']
}
export interface FeedsSimulator extends Simulator<FeedsCredentials> {
  /** By path; change them as authors and editors do. */
  readonly sites: Map<string, Site>
  visits(): readonly Visit[]
}

/** Sites with feeds on loopback: a blog, a forum, notes, a review site and a Google Alert, by the specifications of their formats. */
export async function simulate(options: SimulateOptions = {}): Promise<FeedsSimulator> {
  const alert = `/alerts/feeds/${options.alert ?? '00000000000000000000/1'}`
  const sites = invented(alert)
  const waiting = faults()
  const visits: Visit[] = []
  const server = await loopback((asked) => {
    const answer = serve(sites, waiting, asked, options.now?.() ?? new Date())
    const status = typeof answer === 'string' ? 0 : answer.status
    visits.push({ path: asked.url.pathname, status, headers: asked.headers })
    return answer
  }, options)
  return {
    url: server.url,
    credentials: { alertUrl: `${server.url}${alert}` },
    sites,
    visits: () => [...visits],
    received: () => [],
    fault(fault: Fault, times) {
      // It is only read, has no pages, and asks for no token.
      if (!anywhere.has(fault) || fault === 'expired-token') throw new Error(`A feed has no ${fault}.`)
      waiting.add(fault, times)
    },
    close: () => server.close(),
  }
}

const refusals = { busy: { status: 429 }, failed: { status: 500 }, denied: { status: 401 } } as const

function serve(sites: Map<string, Site>, waiting: Faults, { url, headers }: Asked, now: Date): Answer {
  const bad = badDay(waiting.take(false), refusals, now)
  if (bad) return bad
  const site = sites.get(url.pathname)
  if (!site) return { status: 404 }
  if (site.instead) return site.instead
  const [type, body] = [types[site.format], written[site.format](site.posts, url)]
  // RFC 9110, 13.1: the tag decides where both are sent.
  const etag = `"${createHash('sha1').update(body).digest('hex')}"`
  const modified = new Date(Math.max(0, ...site.posts.map(({ at }) => Date.parse(at)))).toUTCString()
  // An alert says nothing of that (its headers as in miniflux issue 186), and comes as a whole each time.
  if (site.format === 'alert')
    return { status: 200, headers: { 'content-type': type, 'cache-control': 'no-cache, must-revalidate' }, body }
  const said = { etag, 'last-modified': modified }
  if (headers['if-none-match'] === etag) return { status: 304, headers: said }
  if (headers['if-none-match'] === undefined && headers['if-modified-since'] === modified)
    return { status: 304, headers: said }
  return { status: 200, headers: { ...said, 'content-type': type }, body }
}

// ── the formats ──────────────────────────────────────────────────────────────────────────────
const types: { readonly [format in Site['format']]: string } = {
  rss: 'application/rss+xml; charset=utf-8',
  rdf: 'application/rdf+xml',
  atom: 'application/atom+xml',
  json: 'application/feed+json',
  alert: 'text/xml; charset=UTF-8',
}

const written: { readonly [format in Site['format']]: (posts: readonly Post[], url: URL) => string } = {
  rss: (posts) => `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>Elm Street, daily</title><link>https://blog.example.org/</link><description>Walks</description><language>en</language>
${posts
  .map(
    ({ id, title, html, author, at, link }) => `<item><title>${xml(title)}</title><link>${xml(link)}</link>
<guid isPermaLink="false">${xml(id)}</guid><pubDate>${new Date(at).toUTCString()}</pubDate>
${author ? `<dc:creator><![CDATA[${author}]]></dc:creator>` : ''}<description>In short.</description>
<content:encoded><![CDATA[${html}]]></content:encoded></item>`,
  )
  .join('\n')}
</channel></rss>`,
  rdf: (posts) => `<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://reviews.example.org/"><title>Reviews</title><link>https://reviews.example.org/</link><dc:language>es</dc:language></channel>
${posts
  .map(
    ({
      title,
      html,
      author,
      at,
      link,
    }) => `<item rdf:about="${xml(link)}"><title>${xml(title)}</title><link>${xml(link)}</link>
<description>${xml(html)}</description><dc:date>${at}</dc:date>${author ? `<dc:creator>${xml(author)}</dc:creator>` : ''}</item>`,
  )
  .join('\n')}
</rdf:RDF>`,
  atom: (posts) => `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en" xml:base="https://forum.example.org/">
<id>tag:forum.example.org,2020:all</id><title>Town forum</title><updated>${posts[0]?.at ?? ''}</updated>
${posts
  .map(
    ({ id, title, html, author, at, link }) => `<entry><id>${xml(id)}</id><title type="html">${xml(xml(title))}</title>
<link rel="alternate" href="${xml(link)}"/><updated>${at}</updated><author><name>${xml(author ?? '')}</name></author>
<content type="html">${xml(html)}</content></entry>`,
  )
  .join('\n')}
</feed>`,
  json: (posts) =>
    JSON.stringify({
      version: 'https://jsonfeed.org/version/1.1',
      title: 'Notes',
      home_page_url: 'https://notes.example.org/',
      language: 'en',
      items: posts.map(({ id, title, html, author, at, link }) => ({
        id,
        url: link,
        title,
        content_html: html,
        date_published: at,
        ...(author && { authors: [{ name: author }] }),
      })),
    }),
  // All on few lines, with links that lead through Google, an author without a name and an ellipsis.
  alert: (posts, { pathname }) =>
    `<?xml version="1.0" encoding="utf-8"?> <feed xmlns="http://www.w3.org/2005/Atom" xmlns:idx="urn:atom-extension:indexing"> <id>tag:google.com,2005:reader/user${xml(pathname.slice(13))}</id> <title>Google Alert - &quot;Alder Library&quot;</title> <updated>${posts[0]?.at ?? ''}</updated> ${posts
      .map(
        ({ id, title, html, at, link }) =>
          `<entry> <id>tag:google.com,2013:googlealerts/feed:${xml(id)}</id> <title type="html">${xml(title)}</title> <link href="${xml(`https://www.google.com/url?rct=j&sa=t&url=${encodeURIComponent(link)}&ct=ga&cd=CAIyGjE&usg=AOvVaw0`)}"></link> <published>${at}</published> <updated>${at}</updated> <content type="html">${xml(`${html}&nbsp;...`)}</content> <author> <name></name> </author> </entry>`,
      )
      .join(' ')}</feed>`,
}

const xml = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')

// ── invented sites ───────────────────────────────────────────────────────────────────────────
function invented(alert: string): Map<string, Site> {
  const post = (host: string, n: number, title: string, html: string, author?: string): Post => ({
    id: `${1000 + n}`,
    title,
    html,
    at: `2026-11-2${n}T15:00:00Z`,
    link: `https://${host}/posts/${n}`,
    ...(author && { author }),
  })
  const loud = 'The third floor of <b>Alder Library</b> is so loud that nobody can read there.'
  return new Map<string, Site>([
    [
      '/blog.rss',
      {
        format: 'rss',
        posts: [
          post('blog.example.org', 3, 'Loud &amp; louder', `<p>${loud}</p>`, 'Wren Okafor'),
          post('blog.example.org', 1, 'A <i>good</i> day', '<p>They found my book.</p>', 'Wren Okafor'),
        ],
      },
    ],
    [
      '/forum.atom',
      {
        format: 'atom',
        posts: [
          {
            ...post('forum.example.org', 2, 'Printing at Alder?', '<p>Does anybody know?</p>', 'quiet_reader'),
            id: 'tag:forum.example.org,2026:2',
            link: 'topic/2#reply-7',
          },
        ],
      },
    ],
    [
      '/notes.json',
      { format: 'json', posts: [post('notes.example.org', 2, 'Short', 'Thank you, <em>Alder</em>!', 'Ife')] },
    ],
    ['/reviews.rdf', { format: 'rdf', posts: [post('reviews.example.org', 2, 'Tres estrellas', 'Cierra pronto.')] }],
    [
      alert,
      {
        format: 'alert',
        posts: [
          {
            ...post('news.example.org', 3, '<b>Alder Library</b> is loud', loud),
            link: 'https://news.example.org/story?id=7&utm_source=alerts&utm_medium=feed',
          },
        ],
      },
    ],
  ])
}
