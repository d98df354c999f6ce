import type { Brief, Line } from './brief.ts'
import type { Yield } from './measure.ts'
import type { Times } from './rate.ts'

// One text of blocks, written twice: as Markdown and as HTML.

/** What others wrote, and where; or words of our own. */
type Span = string | { readonly text: string; readonly url?: string }
type Block =
  | { readonly is: 'title'; readonly of: readonly Span[] }
  | { readonly is: 'head'; readonly of: readonly Span[] }
  | { readonly is: 'line'; readonly of: readonly Span[] }
  | { readonly is: 'list'; readonly of: readonly (readonly Span[])[] }
  | { readonly is: 'table'; readonly head: readonly string[]; readonly of: readonly (readonly string[])[] }

export function markdown(brief: Brief): string {
  return `${blocksOf(brief).map(inMarkdown).join('\n\n')}\n`
}

/** A page of its own: no script, no style from elsewhere. */
export function html(brief: Brief): string {
  const title = `Listening, ${range(brief)}`
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex"><title>${escaped(title)}</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #ccc;vertical-align:top}a{color:#0b57a4}</style></head>
<body><main>
${blocksOf(brief).map(inHtml).join('\n')}
</main></body></html>
`
}

// ── what it says ─────────────────────────────────────────────────────────────────────────────

function blocksOf(brief: Brief): readonly Block[] {
  const { posts, decisions, tone, answers, reactions } = brief
  const judged = posts.mentions - decisions.undecided
  const scored = tone.negative + tone.neutral + tone.positive
  const open = brief.helped.filter(({ posted, decided }) => posted === undefined && decided !== undefined)
  const blocks: (Block | false)[] = [
    { is: 'title', of: [`What was said of ${brief.library.name}, ${range(brief)}`] },
    {
      is: 'line',
      of: [
        `${counted(posts.mentions, 'mention')} of ${counted(posts.seen, 'post')} that were seen${posts.copies > 0 ? `; ${counted(posts.copies, 'more post')} only ${posts.copies === 1 ? 'repeats' : 'repeat'} others` : ''}. `,
        `Staff decided ${judged}: ${decisions.help} to help, ${decisions.thank} to thank, ${decisions.note} to note, ${decisions.ignore} to ignore. `,
        decisions.undecided > 0 ? `${decisions.undecided} ${decisions.undecided === 1 ? 'is' : 'are'} undecided. ` : '',
        posts.gone > 0
          ? `${counted(posts.gone, 'post')} ${posts.gone === 1 ? 'was' : 'were'} taken back, and ${posts.gone === 1 ? 'its' : 'their'} words are erased.`
          : '',
      ],
    },
    ...brief.jumps.map(
      ({ pack, day, voices, expected }): Block => ({
        is: 'line',
        of: [
          `More than usual on ${day}: ${voices} voices${pack === 'all' ? '' : ` for ${pack}`}, where the weeks before let expect ${expected < 1 ? 'less than one' : Math.round(expected)}.`,
        ],
      }),
    ),
    brief.late.length > 0 && { is: 'head', of: ['Not decided in time'] },
    brief.late.length > 0 && {
      is: 'list',
      of: brief.late.map((one) =>
        lineOf(
          one,
          brief,
          one.decided
            ? `decided ${span(Date.parse(one.decided.at) - Date.parse(one.due))} too late`
            : `still undecided, was due ${moment(one.due, brief)}`,
        ),
      ),
    },
    open.length > 0 && { is: 'head', of: ['Still to be answered'] },
    open.length > 0 && { is: 'list', of: open.map((one) => lineOf(one, brief, `with ${one.decided?.by}`)) },
    brief.campaigns.length > 0 && { is: 'head', of: ['Said by many in the same words'] },
    brief.campaigns.length > 0 && {
      is: 'list',
      of: brief.campaigns.map((one) =>
        lineOf(
          one,
          brief,
          `${one.posts} posts, counted as one voice${one.decided ? `; ${doing[one.decided.is]}` : ''}`,
        ),
      ),
    },
    { is: 'head', of: ['Answers'] },
    {
      is: 'line',
      of: [
        answers.posted + answers.byHand === 0
          ? 'None was posted. '
          : `${answers.posted} posted after a second person’s approval${answers.byHand > 0 ? `, ${answers.byHand} by hand${answers.unapproved > 0 ? ` (${answers.unapproved} of them without approval)` : ''}` : ''}. `,
        answers.waiting > 0 ? `${answers.waiting} ${answers.waiting === 1 ? 'waits' : 'wait'} for one. ` : '',
        ...answers.failed.map((why) => `One could not be posted: ${why}. `),
        reactionsIn(reactions),
      ],
    },
    brief.helped.some(({ posted }) => posted) && {
      is: 'list',
      of: brief.helped
        .filter(({ posted }) => posted !== undefined)
        .map((one) =>
          lineOf(
            one,
            brief,
            `answered after ${span(Date.parse(one.posted as string) - Date.parse(one.heard))}${one.author && one.author !== 'unknown' ? `; its author took it ${taken[one.author]}` : ''}`,
          ),
        ),
    },
    brief.noted.length > 0 && { is: 'head', of: ['Noted'] },
    brief.noted.length > 0 && { is: 'list', of: brief.noted.slice(0, 15).map((one) => lineOf(one, brief)) },
    { is: 'head', of: ['How it sounded'] },
    {
      is: 'line',
      of: [
        scored === 0
          ? 'Of none could it be told. '
          : `Of ${scored} that could be scored by their words: ${tone.negative} negative, ${tone.neutral} mixed, ${tone.positive} positive. `,
        tone.unknown > 0 ? `${tone.unknown} could not be scored. ` : '',
        'This counts words, not people’s contentment, and those who write in public are not all patrons.',
      ],
    },
    { is: 'head', of: ['How fast'] },
    {
      is: 'list',
      of: [
        [`Until a decision: ${timesIn(brief.decided)}`],
        [`Until an answer, of those to be answered: ${timesIn(brief.answered)}`],
      ],
    },
    { is: 'head', of: ['How well it listens'] },
    {
      is: 'table',
      head: ['', 'shown', 'of use, of those judged', 'found, of what there is'],
      of: brief.yields.filter(({ of, shown, below }) => of === 'all' || shown + below > 0).map(yieldIn),
    },
    {
      is: 'line',
      of: [
        `${posts.below} ${posts.below === 1 ? 'post was' : 'posts were'} scored too low to be shown; what is found of what there is comes from a sample of these, in brackets with its 95 % interval.`,
      ],
    },
    brief.exclusions.length > 0 && {
      is: 'line',
      of: [
        `Words to exclude, perhaps: ${brief.exclusions.map(({ term, ignored, wanted }) => `${term} (in ${ignored} ignored, ${wanted} wanted)`).join(', ')}.`,
      ],
    },
    brief.budgets.length > 0 && { is: 'head', of: ['What it cost'] },
    brief.budgets.length > 0 && { is: 'list', of: brief.budgets.map((one) => [one]) },
    brief.blindSpots.length > 0 && { is: 'head', of: ['What it cannot see'] },
    brief.blindSpots.length > 0 && { is: 'list', of: brief.blindSpots.map((one) => [one]) },
  ]
  return blocks.filter((one): one is Block => one !== false)
}

const doing = { help: 'to help', thank: 'to thank', note: 'noted', ignore: 'ignored' } as const
const taken = { positive: 'well', negative: 'badly', neutral: 'neither well nor badly', unknown: '' } as const
const kinds: { readonly [kind: string]: string } = {
  like: 'like',
  repost: 'repost',
  quote: 'quotation',
  reply: 'reply',
}

function reactionsIn({ counts, authors }: Brief['reactions']): string {
  const all = Object.entries(counts).filter(([, n]) => n > 0)
  if (all.length === 0) return 'Nobody has reacted yet.'
  const how = (['positive', 'negative', 'neutral'] as const).flatMap((one) =>
    authors[one] > 0 ? [`${authors[one]} ${taken[one]}`] : [],
  )
  return `Reactions: ${all.map(([kind, n]) => counted(n, kinds[kind] ?? kind, kind === 'reply' ? 'replies' : undefined)).join(', ')}${how.length > 0 ? `; of the authors themselves, ${how.join(', ')}` : ''}.`
}

function lineOf({ words, url, source, heard }: Line, brief: Brief, more = ''): readonly Span[] {
  const text = words === undefined ? 'Its words are not kept any more' : `“${words}”`
  return [
    { text, ...(url !== undefined && { url }) },
    ` (${source}, ${moment(heard, brief)})${more ? `: ${more}` : ''}`,
  ]
}

function yieldIn({ of, name, shown, precision, below, sampled, recall }: Yield): readonly string[] {
  const percent = (value: number): string => `${Math.round(value * 100)} %`
  const within = (one: { readonly low: number; readonly high: number }): string =>
    `(${percent(one.low)} to ${percent(one.high)})`
  return [
    of === 'all' ? 'All' : `${of} ${name}`,
    `${shown}`,
    precision
      ? `${precision.count} of ${precision.of}, ${percent(precision.value)} ${within(precision)}`
      : 'none judged',
    recall
      ? `${percent(recall.value)} ${within(recall)}, ${sampled} judged of ${below} below`
      : below === 0
        ? 'nothing was below'
        : `not known: ${sampled === 0 ? 'none of the sample was judged' : 'nothing that was shown is judged to be of use'}`,
  ]
}

function timesIn({ n, open, p50, p90 }: Times): string {
  if (n === 0) return 'there were none.'
  const until = (ms: number | undefined): string => (ms === undefined ? 'a time that is not over yet' : span(ms))
  return `half within ${until(p50)}, nine of ten within ${until(p90)}; ${n} in all${open > 0 ? `, ${open} still open, counted as long as ${open === 1 ? 'it has' : 'they have'} waited` : ''}.`
}

const counted = (n: number, word: string, words = `${word}s`): string => `${n} ${n === 1 ? word : words}`

function span(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000))
  if (minutes < 1) return 'a minute'
  if (minutes < 120) return counted(minutes, 'minute')
  return minutes < 2_880 ? counted(Math.round(minutes / 60), 'hour') : counted(Math.round(minutes / 1_440), 'day')
}

function range({ since, until, library: { timeZone, locale } }: Brief): string {
  const day = new Intl.DateTimeFormat(locale, { timeZone, day: 'numeric', month: 'long', year: 'numeric' })
  return day.formatRange(new Date(since), new Date(Date.parse(until) - 1))
}
function moment(at: Instant, { library: { timeZone, locale } }: Brief): string {
  return new Intl.DateTimeFormat(locale, {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: 'numeric',
    minute: '2-digit',
  }).format(new Date(at))
}
type Instant = string

// ── how it is written ────────────────────────────────────────────────────────────────────────

/** Without what turns the line around it, and what no text has. */
const plain = (text: string): string =>
  text.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '').replace(/\p{Cc}+/gu, ' ')
const marked = (text: string): string =>
  plain(text)
    .replace(/[\\`*_[\]<>#|~&]/g, '\\$&')
    .replace(/\s+/g, ' ')
const safe = (url = ''): string | undefined =>
  /^https?:\/\//i.test(url) && URL.canParse(url)
    ? new URL(url).href
        .replace(/[\\`|\s<>]/g, encodeURIComponent)
        .replace(/\(/g, '%28')
        .replace(/\)/g, '%29')
    : undefined

function inMarkdown(block: Block): string {
  const line = (spans: readonly Span[]): string =>
    spans
      .map((one) =>
        typeof one === 'string'
          ? marked(one)
          : safe(one.url) === undefined
            ? marked(one.text)
            : `[${marked(one.text)}](${safe(one.url)})`,
      )
      .join('')
      .trim()
  if (block.is === 'title') return `# ${line(block.of)}`
  if (block.is === 'head') return `## ${line(block.of)}`
  if (block.is === 'line') return line(block.of)
  if (block.is === 'list') return block.of.map((one) => `- ${line(one)}`).join('\n')
  const row = (cells: readonly string[]): string => `| ${cells.map((one) => marked(one) || ' ').join(' | ')} |`
  return [row(block.head), `|${' --- |'.repeat(block.head.length)}`, ...block.of.map(row)].join('\n')
}

const escaped = (text: string): string => plain(text).replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`)

function inHtml(block: Block): string {
  const line = (spans: readonly Span[]): string =>
    spans
      .map((one) =>
        typeof one === 'string'
          ? escaped(one)
          : safe(one.url) === undefined
            ? `<bdi>${escaped(one.text)}</bdi>`
            : `<a href="${escaped(safe(one.url) as string)}" rel="noreferrer nofollow"><bdi>${escaped(one.text)}</bdi></a>`,
      )
      .join('')
      .trim()
  if (block.is === 'title') return `<h1>${line(block.of)}</h1>`
  if (block.is === 'head') return `<h2>${line(block.of)}</h2>`
  if (block.is === 'line') return `<p>${line(block.of)}</p>`
  if (block.is === 'list') return `<ul>${block.of.map((one) => `<li>${line(one)}</li>`).join('\n')}</ul>`
  const cells = (of: readonly string[], tag: string): string =>
    `<tr>${of.map((one, at) => `<${at === 0 && tag === 'td' ? 'th scope="row"' : tag === 'th' ? 'th scope="col"' : tag}>${escaped(one)}</${at === 0 || tag === 'th' ? 'th' : tag}>`).join('')}</tr>`
  return `<table><thead>${cells(block.head, 'th')}</thead><tbody>${block.of.map((one) => cells(one, 'td')).join('\n')}</tbody></table>`
}
