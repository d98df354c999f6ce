import { constants, copyFile, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Context,
  type Feed,
  type FeedPage,
  type Interaction,
  type PatronUpdate,
  PrmError,
  type RejectedRecord,
} from '@prm/core/adapter'
import { sha256 } from '@prm/kit'
import type { Api } from './api.ts'
import type { MessageBeeConfig } from './config.ts'
import { personOf } from './directory.ts'
import { dayAt, type Row, rowOf, rowsOf, textOf, unavailable } from './values.ts'
import { factOf } from './webhook.ts'

// koha-plugin-message-bee: before Koha sends its queue the plugin writes what is its own into one JSON file, puts that by SFTP
// or into MESSAGEBEE_ARCHIVE_PATH, and marks those messages as sent.

const perBatch = 50
const mostBytes = 64 * 1024 * 1024

/** What is known of a file that lies there: read; no JSON at one look, and so maybe half there; or told as broken. */
type State = 'read' | 'seen' | 'told'

/** Files instead of calls: who the notices are for is in them. Keys are Koha's message ids, in whatever file they come. */
export function messageBee(api: Api, { path, archive, letters }: MessageBeeConfig): Feed {
  return {
    every: '30s',
    async *pull(cursor, ctx) {
      const before = (cursor ?? {}) as { readonly [mark: string]: State }
      const now: { [mark: string]: State } = {}
      for (const name of await filesIn(path)) {
        if (ctx.signal.aborted) return
        const file = join(path, name)
        const stamp = await stat(file).catch(() => undefined)
        if (!stamp?.isFile()) continue
        const mark = sha256(`${name} ${stamp.size} ${stamp.mtimeMs}`).base64.slice(0, 10)
        const known = before[mark]
        if (known) now[mark] = known
        if (known !== 'read' && known !== 'told') {
          const rows = stamp.size > mostBytes ? 'It is larger than 64 MiB.' : await messagesIn(file)
          if (typeof rows === 'string') {
            // A file that is being written is no JSON either: it is broken when it is the same at the next look.
            now[mark] = known ? 'told' : 'seen'
            yield {
              interactions: [],
              rejected: known ? [{ source: name, reason: rows }] : [],
              cursor: { ...before, ...now },
            }
            continue
          }
          now[mark] = 'read'
          const batches = Math.max(1, Math.ceil(rows.length / perBatch))
          for (let batch = 0; batch < batches; batch++) {
            const some = rows.slice(batch * perBatch, (batch + 1) * perBatch)
            const cursor = batch < batches - 1 ? { ...before, ...now, [mark]: 'seen' } : { ...before, ...now }
            yield { ...told(some, name, api, letters, ctx), cursor }
            if (ctx.signal.aborted) return
          }
        }
        // After the commit; and where the process ended between the two, at the next look.
        if (archive !== undefined && now[mark] === 'read') await putAway(file, join(archive, name), mark, ctx)
      }
      const gone = Object.keys(before).some((mark) => !now[mark])
      if (gone) yield { interactions: [], cursor: now }
    },
  }
}

/** In the order of their names, which are times. Throws `unavailable`: a folder that is not there is not an empty one. */
export async function filesIn(path: string): Promise<readonly string[]> {
  try {
    return (await readdir(path)).filter((name) => /^[^.].*\.json$/i.test(name)).sort()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new PrmError('unavailable', `The folder of messageBee cannot be read (${code}).`)
  }
}

interface Message {
  readonly at: string
  readonly row: Row
}

/** The messages of a file, or why there are none. One message with several rows, as CHECKOUT has, is put together. */
async function messagesIn(file: string): Promise<readonly Message[] | string> {
  let whole: Row
  try {
    whole = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file))) as Row
  } catch {
    return 'It is no whole JSON in UTF-8.' // The error's own message quotes it.
  }
  if (!Array.isArray(whole?.messages)) return 'It has no list "messages".'
  const found = new Map<string, Message>()
  for (const [index, one] of whole.messages.entries()) {
    const at = `messages[${index}]`
    const id = textOf(rowOf(one, 'message'), 'message_id')
    const first = found.get(id ?? at)
    const own = listed(one)
    const both = (list: string) => [...rowsOf(first?.row, list), ...rowsOf(own, list)]
    const row = { ...own, ...first?.row, holds: both('holds'), checkouts: both('checkouts') }
    found.set(id ?? at, { at: first?.at ?? at, row })
  }
  return [...found.values()]
}

/** Older releases of the plugin write a single hold or loan beside the message, and not as a list of one. */
function listed(row: unknown): Row {
  const { hold, checkout, ...rest } = (typeof row === 'object' && row !== null ? row : {}) as Row
  return { ...rest, ...(hold ? { holds: [row] } : {}), ...(checkout ? { checkouts: [row] } : {}) }
}

function told(
  messages: readonly Message[],
  file: string,
  api: Api,
  letters: MessageBeeConfig['letters'],
  ctx: Context,
): Omit<FeedPage, 'cursor'> {
  const interactions: Interaction[] = []
  const people = new Map<string, PatronUpdate>()
  const bad: RejectedRecord[] = []
  for (const { at, row } of messages) {
    try {
      const fact = factOf(row, api, letters, ctx)
      interactions.push(fact)
      const patron = patronIn(rowOf(row, 'patron'), api, ctx)
      if (patron) people.set(patron.at.value, patron)
    } catch (error) {
      if (!PrmError.is(error)) throw error
      const field = error.field === 'notice_type' ? 'message.letter_code' : 'message'
      bad.push({ source: `${file} ${at}.${field}`, reason: error.message })
    }
  }
  return { interactions, people: [...people.values()], rejected: bad }
}

/** The database's names of what the API calls otherwise. */
const columns: { readonly [field: string]: string } = {
  patron_id: 'borrowernumber',
  secondary_email: 'emailpro',
  altaddress_email: 'B_email',
  secondary_phone: 'phonepro',
  altaddress_phone: 'B_phone',
  sms_number: 'smsalertnumber',
  date_of_birth: 'dateofbirth',
  library_id: 'branchcode',
  category_id: 'categorycode',
  expiry_date: 'dateexpiry',
  patron_card_lost: 'lost',
  incorrect_address: 'gonenoaddress',
}

function patronIn(row: Row | undefined, api: Api, ctx: Context): PatronUpdate | undefined {
  if (!textOf(row, 'borrowernumber')) return undefined
  const named = Object.entries(columns).map(([field, column]) => [field, row?.[column]])
  const restricted = (textOf(row, 'debarred') ?? '') >= dayAt(ctx.now(), api.options.timeZone)
  return personOf({ ...row, ...Object.fromEntries(named), restricted }, api, ctx, unavailable('It is not in the file.'))
}

/** A whole copy first, since the archive may be on another disk. Nothing there is overwritten: the second of a name gets its mark. */
async function putAway(from: string, to: string, mark: string, ctx: Context): Promise<void> {
  const other = to.replace(/\.json$/i, `-${mark.replace(/\W/g, '_')}.json`)
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL).catch(() => copyFile(from, other))
    await rm(from)
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    ctx.log('error', 'A file of messageBee is read, and cannot be moved to the archive.', { code })
  }
}
