import { type Context, type Known, type Metric, type Metrics, type PageRef, PrmError } from '@prm/core/adapter'
import { clockIn, dated, filesSince, type Names, readCsv, whenOf } from '@prm/kit-pages'
import type { Options, Role, Usage, UsageReport } from './config.ts'

/** Our guess at three languages: no export was at hand (UNVERIFIED). */
const names: Names<Role> = {
  day: ['date', 'day', 'fecha', 'dia', 'jour'],
  guide: ['guide id', 'guide', 'id de la guia', 'id de guia', 'id du guide'],
  page: ['page id', 'id de la pagina', 'id de pagina', 'id de la page'],
  url: ['url', 'page url', 'guide url', 'friendly url', 'adresse'],
  views: [
    'views',
    'page views',
    'hits',
    'total hits',
    'guide views',
    'vistas',
    'visualizaciones',
    'vues',
    'consultations',
  ],
  visits: ['sessions', 'visits', 'unique views', 'sesiones', 'visitas', 'visites'],
  exits: ['exits', 'salidas', 'sorties'],
}

/** Day by day, from exports: the API counts from the first of January only. */
export function metrics(options: Options, usage: Usage): Metrics {
  return {
    async *pull({ from, to, by }, ctx) {
      if (by !== 'page')
        throw new PrmError('unsupported', `LibGuides counts pages, and nothing by ${by}.`, { field: 'by' })
      const files = (await filesSince(usage.path, undefined)).toSorted((a, b) => b.written - a.written)
      // What was exported last knows a day best.
      const seen = new Set<string>()
      for (const file of files) yield* read(file.name, file.open(ctx.signal), options, usage, { from, to, seen }, ctx)
    },
  }
}

async function* read(
  file: string,
  bytes: AsyncIterable<Uint8Array>,
  { timeZone }: Options,
  { columns, dates, onFile }: Usage,
  { from, to, seen }: { readonly from: string; readonly to: string; readonly seen: Set<string> },
  ctx: Context,
): AsyncGenerator<Metric> {
  const clock = clockIn(timeZone)
  let [rows, bad, again] = [0, 0, 0]
  let report: UsageReport | undefined
  for await (const batch of dated(readCsv(bytes, { names, columns, file }), ['day'], dates)) {
    const { header, dating } = batch
    const told = new Set(Object.keys(header.columns))
    for (const wanted of ['day', 'views'] as const)
      if (!told.has(wanted))
        throw new PrmError(
          'invalid',
          `${file}: no column is known to be its ${wanted}: set \`columns.${wanted}\` to one of ${header.other.slice(0, 12).join(', ')}.`,
          { field: `usage.columns.${wanted}` },
        )
    rows += batch.rows.length + batch.bad.length
    bad += batch.bad.length
    for (const { cells } of batch.rows) {
      const when = whenOf(cells.day ?? '', dating, clock)
      const page = pageIn(cells, ctx)
      if ('why' in when || !page) {
        bad++
        continue
      }
      const day = new Date(when.wall).toISOString().slice(0, 10)
      if (day < from || day > to) continue
      if (seen.has(`${day} ${page.id}`)) {
        again++
        continue
      }
      seen.add(`${day} ${page.id}`)
      const figure = (role: 'views' | 'visits' | 'exits') => figureOf(cells[role], told.has(role))
      yield { day, page, views: figure('views'), visits: figure('visits'), exits: figure('exits'), sampled: false }
    }
    const { delimiter, columns: found, guessed, other } = header
    report = { file, delimiter, columns: found, guessed, other, rows, bad, again, dates: dating }
  }
  if (rows > 0 && bad === rows)
    throw new PrmError(
      'invalid',
      `${file}: none of its ${rows} rows names a day and a page: expected an export by day, with the guide's id or URL.`,
    )
  if (bad > 0) ctx.log('warn', 'Rows of a usage export could not be read.', { rows, bad })
  if (report) onFile?.({ ...report, rows, bad, again })
}

/** A blank is nothing said, and no zero. */
function figureOf(cell: string | undefined, told: boolean): Known<number> {
  if (!told) return { is: 'unavailable', reason: 'the export has no such column' }
  const number = Number((cell ?? '').replace(/[\s,.'’](?=\d{3}(\D|$))/g, ''))
  if (cell === undefined || cell === '' || !Number.isFinite(number) || number < 0)
    return { is: 'unavailable', reason: 'the export says nothing of it' }
  return { is: 'value', value: number }
}

function pageIn({ guide, page, url }: { readonly [role in Role]?: string }, ctx: Context): PageRef | undefined {
  const link = url !== undefined && URL.canParse(url) ? new URL(url) : undefined
  const digits = (text: string | null | undefined) => (/^\d+$/.test(text ?? '') ? (text ?? undefined) : undefined)
  const [g, p] = [
    digits(guide) ?? digits(link?.searchParams.get('g')),
    digits(page) ?? digits(link?.searchParams.get('p')),
  ]
  const at = link && { url: link.href }
  if (g !== undefined) return { system: ctx.id, id: p === undefined ? `guide ${g}` : `guide ${g}/${p}`, ...at }
  return link && { system: ctx.id, id: `${link.host}${link.pathname}`, ...at }
}
