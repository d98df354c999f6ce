import { type Context, PrmError } from '@prm/core/adapter'
import { type Authorized, authorized, type Call, client, type Wire } from '@prm/kit'
import { type Clock, clockIn, readDate } from '@prm/kit-pages'
import * as z from 'zod/mini'
import type { Options } from './config.ts'

export interface Api {
  readonly options: Options
  readonly clock: Clock
  /** One call of API 1.1. What is `{ error }` under a 200 is refused as what it says. */
  ask<T>(call: Call, wire: Wire<T>, ctx: Context): Promise<T>
  /** One call of the API that needs no token. */
  askPublic<T>(call: Call, wire: Wire<T>, ctx: Context): Promise<T>
  scopes: Authorized['scopes']
}

const timeoutMs = 60_000
/** Of a list, which comes whole. */
const maxBytes = 64 * 1024 * 1024

export function api(options: Options): Api {
  const { baseUrl, path, clientId, clientSecret } = options
  const base = baseUrl.replace(/\/$/, '')
  const http = authorized({ baseUrl: base + path, timeoutMs }, { path: '/oauth/token', clientId, clientSecret })
  const open = client({ baseUrl: options.publicUrl ?? `${base}/1.0`, timeoutMs })
  return {
    options,
    clock: clockIn(options.timeZone),
    ask: (call, wire, ctx) => http.call(bounded(call), anything, ctx).then((said) => checked(said, wire, call)),
    askPublic: (call, wire, ctx) => open.call(bounded(call), anything, ctx).then((said) => checked(said, wire, call)),
    scopes: http.scopes,
  }
}

const bounded = (call: Call): Call => (call.method === 'GET' ? { ...call, maxBytes } : call)
const anything: Wire<unknown> = z.unknown()

async function checked<T>(said: unknown, wire: Wire<T>, { method }: Call): Promise<T> {
  const error = typeof said === 'object' && said !== null && 'error' in said ? said.error : undefined
  const write = method !== 'GET'
  // Its words may quote what was sent.
  if (error) throw new PrmError(write ? 'invalid' : 'contract', 'LibAnswers answered 200 with an error inside.')
  const result = await wire['~standard'].validate(said)
  if (!result.issues) return result.value
  const paths = result.issues.slice(0, 3).map(({ path = [] }) => path.map(String).join('.') || 'the whole')
  throw new PrmError(
    write ? 'unknown' : 'contract',
    `LibAnswers answered in another shape than expected, in: ${paths.join(', ')}.`,
  )
}

// ── what LibAnswers says, loosely: the same field is a number, a digit string or null ─────────
/** An id, always as text; 0 and empty are none. @internal */
export const id: z.ZodMiniType<string | undefined> = z.pipe(
  z.optional(z.nullable(z.union([z.string(), z.number()]))),
  z.transform((value) =>
    value === null || value === undefined || /^0*$/.test(String(value)) ? undefined : String(value),
  ),
)
/** Text, none where it is empty or null. @internal */
export const text: z.ZodMiniType<string | undefined> = z.pipe(
  z.optional(z.nullable(z.union([z.string(), z.number(), z.boolean()]))),
  z.transform((value) => (value === null || value === undefined || value === '' ? undefined : String(value))),
)
/** True, `1`, `"1"` or `"true"`. @internal */
export const flag: z.ZodMiniType<boolean | undefined> = z.pipe(
  text,
  z.transform((value) => (value === undefined ? undefined : /^(1|true|yes)$/i.test(value))),
)
/** A list; nothing, `null`, `""` and `{}` are empty ones. @internal */
export function list<T>(one: z.ZodMiniType<T>): z.ZodMiniType<readonly T[]> {
  return z.pipe(
    z.pipe(
      z.unknown(),
      z.transform((value) => (Array.isArray(value) || isOther(value) ? value : [])),
    ),
    z.array(one),
  ) as unknown as z.ZodMiniType<readonly T[]>
}
const isOther = (value: unknown): boolean =>
  Boolean(value) && !(typeof value === 'object' && Object.keys(value as object).length === 0)

/** `2023-09-01 11:57:54`, which names no zone. */
export function instantOf(written: string | undefined, clock: Clock): string | undefined {
  const date = written === undefined ? undefined : readDate(written)
  const wall = date?.walls['month first']
  if (!date || wall === undefined || wall !== date.walls['day first']) return undefined
  return date.utc ? new Date(wall).toISOString() : clock.instant(wall)
}
