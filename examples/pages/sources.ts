import { PrmError } from '@prm/core'
import type { MetricRow, Said, Transaction } from '@prm/insights'
import { convert } from 'html-to-text'
import { type Columns, type Found, type Row, rowsOf } from './csv.ts'
import { type Dates, datesOf, type Order } from './dates.ts'

/** LibAnswers' chat and ticket exports, and others, in English, Spanish, French and German. */
const chatColumns: Columns = {
  id: [
    'Chat ID',
    'Ticket #',
    'Ticket ID',
    'Id',
    'ID de chat',
    'Identificador',
    'ID du clavardage',
    'Chat-ID',
    'Ticketnummer',
  ],
  date: [
    'Timestamp',
    'Date/Time',
    'Created',
    'Asked On',
    'Date',
    'Fecha',
    'Fecha y hora',
    'Horodatage',
    'Zeitstempel',
    'Datum',
  ],
  time: ['Time', 'Hora', 'Heure', 'Uhrzeit'],
  page: [
    'Referrer',
    'Referer',
    'Launched from',
    'Page URL',
    'Source URL',
    'Página',
    'Página de origen',
    'Page d’origine',
    'Page',
    'Herkunftsseite',
    'Seite',
  ],
  question: [
    'Initial Question',
    'Question',
    'Pregunta inicial',
    'Pregunta',
    'Question initiale',
    'Erste Frage',
    'Frage',
  ],
  transcript: ['Transcript', 'Thread', 'Transcripción', 'Transcription', 'Verlauf'],
  name: ['Name', 'Patron Name', 'Nombre', 'Nom', 'Benutzername'],
  email: ['Email', 'Contact Info', 'Contact', 'Correo', 'Courriel', 'E-Mail'],
  staff: ['Answerer', 'Owner', 'Entered By', 'Agente', 'Répondant', 'Bearbeiter'],
  read: ['READ', 'READ Scale', 'Escala READ', 'Échelle READ', 'READ-Skala'],
}
const viewColumns: Columns = {
  day: ['Date', 'Day', 'Fecha', 'Jour', 'Datum', 'Tag'],
  page: ['Page URL', 'URL', 'Page path', 'Page path and screen class', 'Page', 'Página', 'URL de la page', 'Seite'],
  views: ['Views', 'Page views', 'Pageviews', 'Unique Pageviews', 'Hits', 'Vistas', 'Vues', 'Aufrufe', 'Seitenaufrufe'],
  exits: ['Exits', 'Salidas', 'Sorties', 'Ausstiege'],
  title: ['Title', 'Page title', 'Título', 'Titre', 'Titel'],
}

/** What was read, and what could not be. */
export interface Sources {
  readonly said: readonly Said[]
  readonly questions: readonly Transaction[]
  readonly metrics: readonly MetricRow[]
  readonly titles: { readonly [page: string]: string }
  /** Of staff and of patrons: never shown. */
  readonly names: readonly string[]
  /** For a person to read: columns, dates, rows left out. */
  readonly notes: readonly string[]
}

/** A question is what it begins with: a transcript of hours is not kept. */
const most = 600

export async function sourcesOf(
  chats: readonly string[],
  views: readonly string[],
  zone: string,
  otherwise: Order,
): Promise<Sources> {
  const notes: string[] = []
  const tell = ({ file, taken, ignored }: Found): void => {
    const columns = Object.entries(taken).map(([meaning, name]) =>
      meaning === name ? name : `${meaning} from "${name}"`,
    )
    notes.push(`${file}: ${columns.join(', ')}${ignored > 0 ? `; ${ignored} other columns left out` : ''}.`)
  }
  const names = new Set<string>()
  const said = new Map<string, Said & { readonly read?: string; readonly wait?: number }>()
  for (const path of chats) await addChats(path)
  if (said.size === 0) throw new PrmError('invalid', `There is no question in ${chats.join(', ')}.`)
  const metrics: MetricRow[] = []
  const titles: Record<string, string> = {}
  const counted = new Map<string, string>()
  for (const path of views) await addViews(path)
  const list = [...said.values()]
  return {
    said: list.map(({ read: _, wait: __, ...one }) => one),
    questions: list.flatMap(({ id, at, read, wait, kind }) =>
      at === undefined ? [] : [questionOf(id, at, kind, read, wait)],
    ),
    metrics,
    titles,
    names: [...names],
    notes,
  }

  async function addChats(path: string): Promise<void> {
    const rows: {
      readonly row: Row
      readonly text: string
      readonly key: string
      readonly wait: number | undefined
    }[] = []
    for await (const row of rowsOf(path, chatColumns, ['id', 'date', 'page'], tell)) {
      const { id = '', question = '', transcript = '', name, staff, email } = row.cells
      for (const one of [name, staff]) if (one !== undefined && one.length > 1) names.add(one)
      const spoken = talkOf(transcript)
      for (const { speaker } of spoken) names.add(speaker)
      const first = plain(question) || spoken[0]?.text || plain(transcript)
      const kept = Object.fromEntries(Object.entries(row.cells).filter(([key]) => key !== 'transcript'))
      if (id !== '' && first !== '')
        rows.push({
          row: { ...row, cells: { ...kept, who: email ?? '' } },
          text: first.slice(0, most),
          key: id,
          wait: waitOf(spoken),
        })
    }
    const dates = learn(
      rows.map(({ row }) => row),
      'date',
      path,
    )
    let [twice, undated] = [0, 0]
    for (const { row, text, key, wait } of rows) {
      const { date = '', time = '', page = '', who = '', read } = row.cells
      const id = `chat ${key}`
      const at = dates.read(`${date} ${time}`)
      if (at === undefined) undated++
      if (said.has(id)) twice++
      else
        said.set(id, {
          id,
          kind: 'chat',
          text,
          ...(at !== undefined && { at }),
          ...(who !== '' && { person: who.toLowerCase() }),
          ...(page !== '' && { page }),
          ...(read !== undefined && { read }),
          ...(wait !== undefined && { wait }),
        })
    }
    const file = rows[0]?.row.file ?? path
    if (twice > 0) notes.push(`${file}: ${twice} chats were in another file or row already, and count once.`)
    if (undated > 0) notes.push(`${file}: ${undated} rows have a date that cannot be read, and count in no time.`)
  }

  async function addViews(path: string): Promise<void> {
    const rows: Row[] = []
    for await (const row of rowsOf(path, viewColumns, ['day', 'page', 'views'], tell)) rows.push(row)
    const dates = learn(rows, 'day', path)
    let bad = 0
    for (const { cells, file, line } of rows) {
      const { day: text = '', page = '', views: seen = '', exits, title } = cells
      const day = dates.read(text)?.slice(0, 10)
      if (day === undefined || page === '') {
        bad++
        continue
      }
      if (title !== undefined && title !== '') titles[page] = title
      const id = `views ${file}:${line}`
      // The same day and page in another file is an overlap; in the same file it is a second row of one page.
      const key = `${day} ${page}`
      if ((counted.get(key) ?? path) !== path) continue
      counted.set(key, path)
      const [number, left] = [numberIn(seen), exits === undefined ? undefined : numberIn(exits)]
      metrics.push({
        id,
        day,
        page,
        ...(number !== undefined && { views: number }),
        ...(left !== undefined && { exits: left }),
      })
    }
    if (bad > 0) notes.push(`${rows[0]?.file}: ${bad} rows without a day or a page that can be read were left out.`)
  }

  function learn(rows: readonly Row[], column: string, path: string): Dates {
    const dates = datesOf(
      rows.map(({ cells }) => cells[column] ?? ''),
      zone,
      otherwise,
    )
    notes.push(`${rows[0]?.file ?? path}: dates are read ${dates.order}: ${dates.why}.`)
    return dates
  }
}

function questionOf(
  id: string,
  asked: string,
  kind: string,
  read: string | undefined,
  wait: number | undefined,
): Transaction {
  const level = Number(/[1-6]/.exec(read ?? '')?.[0] ?? 0)
  const answered =
    wait === undefined || asked.length === 10 ? undefined : new Date(Date.parse(asked) + wait).toISOString()
  return {
    id,
    asked,
    kind,
    ...(answered === undefined ? { untimed: true } : { answered }),
    ...(level > 0 && { readLevel: level as 1 | 2 | 3 | 4 | 5 | 6 }),
  }
}

const plain = (text: string): string =>
  /[<&]/.test(text)
    ? convert(text, {
        wordwrap: false,
        selectors: [
          { selector: 'a', options: { ignoreHref: true } },
          { selector: 'img', format: 'skip' },
        ],
      }).trim()
    : text.trim()

interface Line {
  readonly at: number
  readonly speaker: string
  readonly text: string
}

/** `14:03:22 - Speaker : text`, as LibChat writes transcripts. */
function talkOf(transcript: string): readonly Line[] {
  return transcript
    .slice(0, 20_000)
    .split(/\r?\n|<br\s*\/?>/i)
    .flatMap((line) => {
      const [, hour, minute, second = '0', speaker = '', text = ''] =
        /^\s*(\d{1,2}):(\d{2})(?::(\d{2}))?\s+-\s+([^:]{1,60}?)\s*:\s*(.*)$/.exec(line) ?? []
      return hour === undefined
        ? []
        : [{ at: (Number(hour) * 60 + Number(minute)) * 60 + Number(second), speaker, text: plain(text) }]
    })
}

/** Milliseconds from the first line to the first of another speaker. */
function waitOf(lines: readonly Line[]): number | undefined {
  const [first] = lines
  const answer = lines.find(({ speaker }) => speaker !== first?.speaker)
  if (!first || !answer) return undefined
  return ((answer.at - first.at + 86_400) % 86_400) * 1_000
}

/** `1,234` and `1.234` are views; a dash is not zero. */
function numberIn(text: string): number | undefined {
  const digits = text.replace(/(?<=\d)[.,\s\u00a0\u202f](?=\d{3}\b)/g, '')
  return /^\d+$/.test(digits) ? Number(digits) : undefined
}
