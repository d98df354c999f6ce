import { type Context, type Instant, PrmError } from '@prm/core/adapter'
import * as z from 'zod/mini'
import { type Api, flag, id, list, text } from './api.ts'
import { pageAt } from './page.ts'
import { mailboxFor } from './webhook.ts'

/** A field of a form, of a queue or of a dataset. */
export interface FormField {
  readonly id?: string
  readonly name?: string
  readonly label: string
  readonly kind?: string
  readonly required: boolean
  readonly options: readonly { readonly value: string; readonly label: string }[]
}
export interface Widget {
  readonly id: string
  readonly name?: string
  readonly type?: string
}
/** A tally of reference analytics. */
export interface Transaction {
  readonly dataset: string
  readonly at: Instant
  /** The address of a member of staff, as LibAnswers knows them. */
  readonly owner?: string
  readonly question?: string
  readonly details?: string
  readonly answer?: string
  /** By the field's id, the value of an option, as `datasetFields` tells them: READ is such a field. */
  readonly fields?: { readonly [id: string]: string }
}

export interface LibAnswersOps {
  /** What the form of a queue asks for, by the names that a ticket has them. */
  queueFields(queue: string, ctx: Context): Promise<readonly FormField[]>
  datasetFields(dataset: string, ctx: Context): Promise<readonly FormField[]>
  widgets(ctx: Context): Promise<readonly Widget[]>
  /** Whether somebody answers there now; nothing where LibAnswers does not say. */
  widgetOnline(widget: string, ctx: Context): Promise<boolean | undefined>
  /**
   * A chat that knows the page it was opened on. What was searched for there, and who searched, is left out of the address.
   * `hash` is that of the widget's embed code.
   */
  chatLink(hash: string, page: { readonly url: string; readonly title?: string }): string
  /** Enters a tally. It is never repeated: an answer that is lost throws `unknown`. Answers its id where LibAnswers tells one. */
  record(transaction: Transaction, ctx: Context): Promise<string | undefined>
  /** With `mail`, the address that answers to the ticket of this message come to. */
  mailboxFor(key: string): Promise<string>
}

const wireFields = list(
  z.object({
    id,
    name: text,
    label: text,
    html_type: text,
    required: flag,
    options: list(z.object({ value: text, label: text })),
  }),
)
const wireWidgets = z.object({ widgets: list(z.object({ widget_id: id, name: text, type: text })) })
const wireStatus = z.object({ online: flag })
const wireRecorded = z.union([z.object({ transaction_id: id, id }), z.unknown()])

export function opsOf(api: Api): LibAnswersOps {
  const fields = async (path: string, ctx: Context): Promise<readonly FormField[]> => {
    const said = await api.ask({ method: 'GET', path }, wireFields, ctx)
    return said.map(({ id, name, label, html_type: kind, required, options }) => ({
      ...(id !== undefined && { id }),
      ...(name !== undefined && { name }),
      label: label ?? name ?? id ?? '',
      ...(kind !== undefined && { kind }),
      required: required ?? false,
      options: options.flatMap(({ value, label }) => (value === undefined ? [] : [{ value, label: label ?? value }])),
    }))
  }
  return {
    queueFields: (queue, ctx) => fields(`/queue/${encodeURIComponent(queue)}/formfields`, ctx),
    datasetFields: (dataset, ctx) => fields(`/ra/dataset/${encodeURIComponent(dataset)}/formfields`, ctx),
    async widgets(ctx) {
      const { widgets } = await api.ask({ method: 'GET', path: '/chat/widgets' }, wireWidgets, ctx)
      return widgets.flatMap(({ widget_id, name, type }) =>
        widget_id === undefined ? [] : [{ id: widget_id, ...(name && { name }), ...(type && { type }) }],
      )
    },
    async widgetOnline(widget, ctx) {
      const path = `/chat/widgets/status/${encodeURIComponent(widget)}`
      return (await api.askPublic({ method: 'GET', path }, wireStatus, ctx)).online
    },
    chatLink(hash, { url, title }) {
      if (!/^[\da-f]{32}$|^[\da-f]{64}$/i.test(hash))
        throw new PrmError('invalid', 'hash is none of a chat widget: expected 32 or 64 hexadecimal digits.', {
          field: 'hash',
        })
      const page = pageAt(url)
      if (!page?.url)
        throw new PrmError('invalid', 'url is none of a page: expected http or https.', { field: 'page.url' })
      const query = new URLSearchParams({ referer: page.url, ...(title && { referer_title: title }), auth_id: '0' })
      return `${new URL(`/chat/widget/${hash}`, api.options.baseUrl).href}?${query}`
    },
    async record({ dataset, at, owner, fields = {}, ...words }, ctx) {
      const form = {
        date_time: new Date(at).toISOString().slice(0, 19).replace('T', ' '),
        owner_email: owner,
        question: words.question,
        q_details: words.details,
        answer: words.answer,
        ...Object.fromEntries(Object.entries(fields).map(([id, value]) => [`field[${id}]`, value])),
      }
      const path = `/ra/dataset/${encodeURIComponent(dataset)}/transaction`
      const said = await api.ask({ method: 'POST', path, form }, wireRecorded, ctx)
      const told = said as { transaction_id?: string; id?: string } | undefined
      return told?.transaction_id ?? told?.id
    },
    async mailboxFor(key) {
      const { mail } = api.options
      if (!mail)
        throw new PrmError('config', 'libanswers: mail is not set: answers come by mail to a mailbox of yours.', {
          field: 'mail',
        })
      return mailboxFor(mail, key)
    },
  }
}
