import type { Code } from '@prm/core/adapter'
import type { Options } from './config.ts'
import { type Row, textOf } from './values.ts'

/** What Koha said when it refused. */
export interface Said {
  readonly text: string
  /** Of a body or a query that does not fit: `address`, and what is wrong with it. */
  readonly fields: readonly { readonly field: string; readonly why: string }[]
  /** Its code for a business refusal, or the words that hold one. */
  readonly reason?: string
  /** The permission that is missing: `borrowers: list_borrowers`. */
  readonly permission?: string
}

export function codeOf(status: number, body: unknown, { user }: Options): Code | undefined {
  const { text, permission } = readSaid(body)
  if (status === 401 && /disabled/i.test(text)) return 'config' // Basic, while RESTBasicAuth is off
  if (status === 403 && permission === undefined && user !== undefined && /password/i.test(text)) return 'auth'
  return undefined
}

/** Four shapes: `{error}`, `{errors: [{message, path}]}`, a bare array of those, and `{error, conflict}`; or a bare text. */
export function readSaid(body: unknown): Said {
  const row = (typeof body === 'object' && body !== null ? body : { error: body }) as Row
  const list = (Array.isArray(body) ? body : Array.isArray(row.errors) ? row.errors : []) as readonly Row[]
  const text = textOf(row, 'error') ?? ''
  const fields = list.map((one) => {
    return { field: (textOf(one, 'path') ?? '').replace(/^\/(body|query)\//, ''), why: textOf(one, 'message') ?? '' }
  })
  const named = [row.conflict, row.parameters].flat().filter((name) => typeof name === 'string')
  const [missing] = Object.entries((row.required_permissions ?? {}) as Row)
  const reason = textOf(row, 'error_code', 'error')
  return {
    text,
    fields: [...fields, ...named.map((field) => ({ field, why: text }))],
    ...(reason && { reason }),
    ...(missing && { permission: missing.join(': ') }),
  }
}
