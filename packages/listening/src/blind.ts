import type { CheckResult } from '@prm/core'

/** A source as it is configured: the adapter's name and kind, and what its `check` said, where that was asked. */
export interface SourceSeen {
  readonly id: string
  readonly kind: string
  readonly findings?: readonly CheckResult[]
}

/** What each kind does not show, where it works; as the networks' terms and prices stood in November 2026. */
const limits: { readonly [kind: string]: string } = {
  mastodon:
    'only posts that name the account or carry its tags, and on servers with search those of authors who agreed to be searched',
  bluesky: 'what its search returns and what names the account; not everything that is posted',
  x: 'posts of the last seven days that match the queries, as far as the budget goes, without those of protected accounts',
  facebook: 'comments on the library’s own page and what names it; no groups, and no profiles of people',
  feeds: 'what sites tell in their feeds, mostly their latest twenty items or so',
}
const missing: { readonly [kind: string]: string } = {
  mastodon: 'Nothing on Mastodon is seen: it is not set up here. It is free.',
  bluesky: 'Nothing on Bluesky is seen: it is not set up here. It is free.',
  x: 'Nothing on X is seen: it is not set up here. Each post that is read there is paid for.',
  facebook: 'Nothing on Facebook is seen: it is not set up here. Only the library’s own page could be.',
  feeds: 'No blog, forum, review site or news alert is read: no feed is set up here.',
}
const always = [
  'Nobody sees private groups and messages, closed communities such as neighbourhood networks, school chats and Discord, nor what people say to each other.',
  'Of Instagram, TikTok, YouTube and Reddit nothing is seen here; videos and pictures are seen nowhere, only the words beside them.',
  'Who complains in public is not everybody who has reason to: people without an account, and those who fear to be seen, are missing.',
]

/** What cannot be seen from these sources, in plain sentences. No percentage: nobody knows what is said in all. */
export function blindSpots(sources: readonly SourceSeen[]): readonly string[] {
  const kinds = new Set(sources.map(({ kind }) => kind))
  const working = sources.flatMap(({ id, kind, findings = [] }) => {
    const broken = findings.filter(({ ok }) => ok !== true)
    const limit = limits[kind]
    return [
      ...(limit === undefined ? [] : [`${id} shows ${limit}.`]),
      ...broken.map(
        ({ ok, detail, hint }) =>
          `${id} ${ok === false ? 'does not work in full' : 'could not be asked'}: ${detail.replace(/\.?$/, '.')}${hint ? ` ${hint}` : ''}`,
      ),
    ]
  })
  return [...working, ...Object.entries(missing).flatMap(([kind, text]) => (kinds.has(kind) ? [] : [text])), ...always]
}
