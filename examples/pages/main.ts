import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { PrmError } from '@prm/core'
import { busiestHours, edits, firstResponse, pages, readLevels } from '@prm/insights'
import { english, french, german, spanish } from '@prm/insights/languages'
import { html } from './html.ts'
import { sourcesOf } from './sources.ts'

export const usage = `npm run example -- pages [--chats FILE… --views FILE…]     which pages make patrons ask, from two exports
  --chats FILE        chats or tickets with their page; more than once for several years, overlaps count once
  --views FILE        page views by day and page
  --edit "URL DAY"    a page that was changed then: before and after are compared
  --zone ZONE         of your library, and of dates without one; America/Chicago by default
  --dates ORDER       day-first or month-first, for files in which every day is 12 or less; month-first by default
  --name NAME         of your library
  --proxy HOST        of an EZproxy whose addresses stand in the files
  --everywhere        one can ask on every page of the views: no question there is then none
  --k NUMBER          no figure tells of fewer people; 5 by default
  --out FILE          pages.html by default; the same as JSON beside it
  --without-rows      the report without the ids behind its numbers: to be shown to anybody
  --json              print the report as JSON too
Without files: an invented library.`

const samples = fileURLToPath(new URL('./samples/', import.meta.url))

/** Reads the files, writes the report and says where. Throws `config` or `invalid` with what is wrong and where. */
export async function main(args: readonly string[], line: (text: string) => void): Promise<number> {
  const values = asked(args)
  if (values.help) {
    line(usage)
    return 0
  }
  const own = values.chats.length > 0 || values.views.length > 0
  if (own && (values.chats.length === 0 || values.views.length === 0))
    throw new PrmError('config', `--chats and --views go together.\n\n${usage}`, { field: 'chats' })
  const here = (path: string) => resolve(process.env.INIT_CWD ?? process.cwd(), path)
  const chats = own ? values.chats.map(here) : [`${samples}chats-2025.csv`, `${samples}chats-2026.csv`]
  const views = own ? values.views.map(here) : [`${samples}views.csv`]
  const named = own ? values.edit : [...values.edit, 'https://guides.example.org/c.php?g=10&p=1 2026-02-16']
  const versions = named.flatMap((edit) => {
    const [, page = '', day = ''] = /^(\S+)\s+(\d{4}-\d{2}-\d{2})$/.exec(edit.trim()) ?? []
    if (page === '')
      throw new PrmError('config', `--edit "${edit}": an address and a day such as 2026-10-15 are expected.`, {
        field: 'edit',
      })
    return [
      { page, version: 'before', from: '1970-01-01' },
      { page, version: `edited ${day}`, from: day },
    ]
  })
  const zone = values.zone
  const otherwise = values.dates === 'day-first' ? 'day first' : 'month first'
  const sources = await sourcesOf(chats, views, zone, otherwise)
  const k = values.k === undefined ? 5 : Number(values.k)
  const common = { timeZone: zone, k }
  const { said, metrics, titles, names, questions } = sources
  const over = {
    ...common,
    said,
    metrics,
    versions,
    titles,
    pages: { proxies: own ? values.proxy : ['ezproxy.example.org'] },
  }
  const last =
    questions
      .map(({ asked: at }) => at)
      .sort()
      .at(-1) ?? '1970-01-01'
  const everywhere = values.everywhere || !own
  const languages = [english, spanish, french, german]
  const told = {
    pages: await pages({ ...over, ...(everywhere && { widgets: [{ page: '*' }] }), languages, names }),
    edits: await edits(over),
    hours: await busiestHours({ ...common, questions }),
    read: await readLevels({ ...common, questions }),
    response: await firstResponse({
      ...common,
      questions,
      until: `${last.slice(0, 10)}T23:59:59.999Z`,
    }),
  }
  const report = {
    library: values.name ?? (own ? 'your library' : 'Springfield Library (invented)'),
    pages: told.pages.report,
    edits: told.edits.report,
    hours: told.hours.report,
    read: told.read.report,
    response: told.response.report,
    notes: sources.notes,
  }
  const rows = Object.assign({}, ...Object.values(told).map((one) => one.rows))
  const out = here(values.out)
  await writeFile(out, html(report, values['without-rows'] ? undefined : rows))
  const beside = `${out.replace(/\.html?$/, '')}.json`
  await writeFile(beside, `${JSON.stringify(values['without-rows'] ? report : { ...report, rows }, null, 2)}\n`)
  if (values.json) line(JSON.stringify(report))
  else
    for (const sentence of [
      ...report.pages.summary,
      ...report.edits.edits.map(({ text }) => text),
      report.hours.text,
      ...sources.notes,
    ])
      line(sentence)
  line(values.json ? JSON.stringify({ written: [out, beside] }) : `Written: ${out} and ${beside}`)
  return 0
}

function asked(args: readonly string[]) {
  const text = { type: 'string' } as const
  const many = { type: 'string', multiple: true, default: [] as string[] } as const
  const no = { type: 'boolean', default: false } as const
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        chats: many,
        views: many,
        edit: many,
        proxy: many,
        zone: { ...text, default: 'America/Chicago' },
        dates: text,
        name: text,
        k: text,
        out: { ...text, default: 'pages.html' },
        everywhere: no,
        'without-rows': no,
        json: no,
        help: no,
      },
    })
    if (values.dates !== undefined && !/^(?:day|month)-first$/.test(values.dates))
      throw new Error('--dates is day-first or month-first.')
    return values
  } catch (error) {
    throw new PrmError('config', `${(error as Error).message}\n\n${usage}`, { field: 'args' })
  }
}
