import type { Cell, EditsReport, HoursReport, PagesReport, Rate, ReadReport, ResponseReport } from '@prm/insights'

export interface Reports {
  readonly library: string
  readonly pages: PagesReport
  readonly edits: EditsReport
  readonly hours: HoursReport
  readonly read: ReadReport
  readonly response: ResponseReport
  readonly notes: readonly string[]
}

/** One page that needs nothing else: it prints, it has no script, and each number leads to its rows where `rows` are given. */
export function html(reports: Reports, rows: { readonly [ref: string]: readonly string[] } | undefined): string {
  const { library, pages, edits, hours, read, response, notes } = reports
  const anchors = new Map(Object.keys(rows ?? {}).map((ref, at) => [ref, `rows-${at + 1}`]))
  const used = new Set<string>()
  const link = (shown: string, ref: string): string => {
    const anchor = anchors.get(ref)
    if (anchor === undefined) return escaped(shown)
    used.add(ref)
    return `<a href="#${anchor}" title="rows of ${escaped(ref)}">${escaped(shown)}</a>`
  }
  const count = (cell: Cell, ref: string): string => (cell === null ? few(pages.k) : link(`${cell}`, ref))
  const body = [
    `<h1>Where patrons ask: ${escaped(library)}</h1>`,
    section(
      'In short',
      list([
        ...pages.summary,
        hours.text,
        ...edits.edits.map(({ text }) => text),
        ...response.groups.map(({ text }) => text),
      ]),
    ),
    section('Pages, most questions per view first', pagesTable()),
    ...pages.pages.filter(({ clusters }) => clusters.length > 0).map(pageSection),
    section('Edits: before and after', editsPart()),
    section('When people ask', heatMap()),
    section('READ levels', readTable()),
    pages.silent.length > 0
      ? section(
          'Pages without questions that are no zero',
          list(pages.silent.map(({ title, page, views, why }) => `${title ?? page}: ${views} views, ${why}`)),
        )
      : '',
    section(
      'How this was made',
      list([
        pages.method,
        edits.method,
        response.method,
        `Nothing tells of fewer than ${pages.k} people; "few" is such a number, or one that would tell it.`,
        ...notes,
      ]),
    ),
  ]
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Where patrons ask: ${escaped(library)}</title><style>${style}</style></head>
<body><main>${body.join('\n')}${rowsPart()}</main></body></html>
`

  function pagesTable(): string {
    const lines = pages.pages.map(
      ({ name, title, ref, questions, views, per1000, why, clusters, notes: own }, at) =>
        `<tr><th scope="row">${clusters.length > 0 ? `<a href="#page-${at}">${escaped(title ?? name)}</a>` : escaped(title ?? name)}${own.map((note) => `<br><small>${escaped(note)}</small>`).join('')}</th>` +
        `<td>${link(`${questions}`, ref)}</td><td>${views ?? 'not known'}</td><td>${rate(per1000, why)}</td><td class="words">${escaped(clusters[0]?.name ?? '')}</td></tr>`,
    )
    const foot = (
      [
        ['On other pages', pages.elsewhere, ''],
        ['From no page that is known', pages.unplaced, 'pages unplaced'],
        ['When views were not known, or nothing could be asked', pages.uncovered, 'pages uncovered'],
        ['All', pages.questions, ''],
      ] as const
    ).map(
      ([name, cell, ref]) =>
        `<tr><th scope="row">${name}</th><td>${count(cell, ref)}</td><td></td><td></td><td></td></tr>`,
    )
    return table(
      'Questions, views and the rate of each page',
      ['Page', 'Questions', 'Views', 'Questions per 1,000 views (95 % interval)', 'Most are about'],
      [...lines, ...foot],
    )
  }

  function pageSection(page: PagesReport['pages'][number]): string {
    const at = pages.pages.indexOf(page)
    const clusters = page.clusters.map(({ name, questions, per1000, quotes, ref }) => {
      const said = quotes.map(
        ({ text, row }) => `<blockquote>${escaped(text)} <cite>${escaped(row)}</cite></blockquote>`,
      )
      return `<h4>${escaped(name)}: ${link(`${questions}`, ref)} questions${per1000 ? `, ${per1000.value} per 1,000 views` : ''}</h4>${said.join('')}`
    })
    const parts = [
      ...page.versions.map((one) => ['version', one] as const),
      ...page.headings.map((one) => ['heading', one] as const),
    ]
    const by = parts.map(
      ([kind, one]) =>
        `${kind} ${escaped(one.name || 'not known')}: ${count(one.questions, one.ref)} questions${one.per1000 ? `, ${one.per1000.value} per 1,000 views` : ''}`,
    )
    const rest = page.rest > 0 ? `<p>${page.rest} more in no cluster that is large enough.</p>` : ''
    return `<section id="page-${at}"><h3>${escaped(page.title ?? page.name)}</h3><p>${escaped(page.text)}</p>${clusters.join('')}${rest}${by.length > 0 ? `<ul>${by.map((one) => `<li>${one}</li>`).join('')}</ul>` : ''}</section>`
  }

  function editsPart(): string {
    if (edits.edits.length === 0)
      return '<p>No edit was named: <code>--edit "URL 2026-10-15"</code> compares before and after.</p>'
    return edits.edits
      .map((edit) => {
        const cells = [edit.before, edit.after].map(
          ({ from, until, questions, views, ref }) =>
            `<td>${from} to ${until}: ${count(questions, ref)} questions, ${views} views</td>`,
        )
        return `<p>${escaped(edit.text)}</p>${table('Both windows', ['Before', 'After'], [`<tr>${cells.join('')}</tr>`])}${bars(edit)}`
      })
      .join('')
  }

  /** Both rates with their intervals, as bars with whiskers. */
  function bars({ before, after, title, page }: EditsReport['edits'][number]): string {
    const [was, is] = [before.per1000, after.per1000]
    if (!was || !is) return ''
    const x = (value: number) => (120 + (440 * value) / Math.max(was.high, is.high)).toFixed(1)
    const bar = ({ value, low, high }: Rate, name: string, top: number) =>
      `<text x="0" y="${top + 18}">${name}: ${value}</text><rect x="120" y="${top}" width="${Number(x(value)) - 120}" height="26" class="bar"/>` +
      `<path d="M${x(low)} ${top + 13}H${x(high)}M${x(low)} ${top + 6}v14M${x(high)} ${top + 6}v14" class="whisker"/>`
    const label = `Questions per 1,000 views of ${title ?? page}: before ${was.value} (${was.low} to ${was.high}), after ${is.value} (${is.low} to ${is.high}).`
    return `<svg viewBox="0 0 600 80" role="img" aria-label="${escaped(label)}">${bar(was, 'before', 4)}${bar(is, 'after', 44)}</svg>`
  }

  function heatMap(): string {
    const top = Math.max(1, ...hours.arrivals.flat().map((cell) => cell ?? 0))
    const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
    const lines = hours.arrivals.map((day, weekday) => {
      const cells = day.map((cell, hour) => {
        const deep = cell === null ? 0 : Math.ceil((6 * cell) / top)
        return `<td class="heat-${deep}">${cell === null ? '<abbr title="few">·</abbr>' : cell === 0 ? '' : link(`${cell}`, `hours ${weekday * 24 + hour}`)}</td>`
      })
      return `<tr><th scope="row">${days[weekday]}</th>${cells.join('')}</tr>`
    })
    const head = ['Day', ...Array.from({ length: 24 }, (_, hour) => `${hour}`.padStart(2, '0'))]
    return `<p>${escaped(hours.text)}</p>${table('Questions by weekday and hour of the library’s clock; a dot is few', head, lines, 'heat')}`
  }

  function readTable(): string {
    const coded = read.groups.some(({ bands }) =>
      bands.some(({ level, questions }) => level !== 'uncoded' && questions !== 0),
    )
    if (!coded) return '<p>No READ level is coded.</p>'
    const lines = read.groups.map(
      ({ name, bands, median }) =>
        `<tr><th scope="row">${escaped(name)}</th>${bands.map(({ questions, ref }) => `<td>${count(questions, ref)}</td>`).join('')}<td>${median ?? ''}</td></tr>`,
    )
    return table(read.text, ['Month', '1', '2', '3', '4', '5', '6', 'uncoded', 'Median'], lines)
  }

  function rowsPart(): string {
    if (!rows) return ''
    const lists = Object.entries(rows)
      .filter(([ref]) => used.has(ref))
      .map(
        ([ref, ids]) =>
          `<h3 id="${anchors.get(ref)}">${escaped(ref)}</h3><p class="ids">${ids.map(escaped).join(', ')}</p>`,
      )
    return `<section class="rows"><h2>Rows behind the numbers</h2><p>For staff who may see them. Without this part: <code>--without-rows</code>.</p>${lists.join('')}</section>`
  }
}

const few = (k: number): string => `<abbr title="fewer than ${k} people, or a number that would tell it">few</abbr>`
const section = (title: string, inside: string): string => `<section><h2>${escaped(title)}</h2>${inside}</section>`
const list = (items: readonly string[]): string =>
  `<ul>${items.map((item) => `<li>${escaped(item)}</li>`).join('')}</ul>`

function rate(one: Rate | null, why: string | undefined): string {
  return one ? `<b>${one.value}</b> (${one.low} to ${one.high})` : escaped(why ?? '')
}

function table(caption: string, head: readonly string[], lines: readonly string[], kind = ''): string {
  const names = head.map((name) => `<th scope="col">${escaped(name)}</th>`).join('')
  return `<div class="wide" tabindex="0" role="region" aria-label="${escaped(caption)}"><table class="${kind}"><caption>${escaped(caption)}</caption><thead><tr>${names}</tr></thead><tbody>${lines.join('')}</tbody></table></div>`
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign] ?? sign)
}

/** One hue from light to dark, with dark or light figures on it: to be told apart by any eye, and in print. */
const style = `
body{font:16px/1.5 system-ui,sans-serif;color:#1b1b1b;background:#fff;margin:0}
main{max-width:70rem;margin:0 auto;padding:1rem}
h1{font-size:1.6rem}h2{font-size:1.25rem;border-bottom:2px solid #0b4f6c;margin-top:2rem}h3{font-size:1.05rem}h4{margin:.8rem 0 .2rem}
a{color:#0b4f6c}.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}caption{text-align:left;color:#444;padding:.3rem 0}
th,td{border:1px solid #ccc;padding:.25rem .5rem;text-align:right;vertical-align:top}th{text-align:left;background:#f4f6f7;font-weight:600}td.words{text-align:left}
blockquote{margin:.2rem 0 .2rem 1rem;padding-left:.8rem;border-left:3px solid #7fb2c9}cite{color:#555;font-size:.8rem}
.heat th,.heat td{padding:.15rem;text-align:center;font-size:.75rem}.heat a{color:inherit}
.heat-1{background:#e3f0f6}.heat-2{background:#bfdde9}.heat-3{background:#94c6da}.heat-4{background:#1f6a8c;color:#fff}.heat-5{background:#0b4f6c;color:#fff}.heat-6{background:#062f41;color:#fff}
svg{max-width:38rem;width:100%}svg text{font-size:12px;fill:#1b1b1b}.bar{fill:#94c6da}.whisker{stroke:#062f41;stroke-width:2;fill:none}
.ids{font-size:.75rem;overflow-wrap:anywhere}
@media print{main{max-width:none;padding:0}section{break-inside:avoid}.rows{break-before:page;break-inside:auto}a{color:inherit;text-decoration:none}.wide{overflow:visible}*{print-color-adjust:exact}}
`
