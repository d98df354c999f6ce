import { PrmError, type Secret } from '@prm/core/adapter'
import type { StandardSchemaV1 } from '@standard-schema/spec'

/** Any Standard Schema. It names no library, so that two versions of one may meet in published types. */
export type Wire<T> = StandardSchemaV1<unknown, T>

/** For a schema of the config: `z.custom<Secret>(isSecret, 'a string, or a function that returns one')`. */
export const isSecret = (value: unknown): value is Secret =>
  typeof value === 'function' || (typeof value === 'string' && value !== '')

/**
 * The config as the schema gives it. Throws `config` with the first wrong `field`; the message names the field and what
 * was expected, never the value, since the value may be the secret.
 */
export function parseConfig<T>(schema: Wire<T>, config: unknown, name: string): T {
  const result = schema['~standard'].validate(config)
  if (result instanceof Promise)
    throw new PrmError('contract', `The config schema of ${name} must not be asynchronous.`)
  if (!result.issues) return result.value
  const [issue] = result.issues
  const path = pathOf(issue)
  const field = path.reduce<string>(
    (text, key) => text + (typeof key === 'number' ? `[${key}]` : text ? `.${String(key)}` : String(key)),
    '',
  )
  const where = field ? `${name}: ${field}` : name
  const missing = valueAt(config, path) === undefined
  throw new PrmError(
    'config',
    `${where} ${missing ? 'is missing' : 'is wrong'}: ${expectedBy(issue)}.`,
    field ? { field } : {},
  )
}

/** What zod adds to an issue of the standard; other libraries say it all in `message`. */
type Issue = StandardSchemaV1.Issue & {
  readonly code?: string
  readonly expected?: unknown
  readonly format?: unknown
  readonly values?: readonly unknown[]
  readonly keys?: readonly string[]
}

function pathOf(issue: Issue | undefined): readonly PropertyKey[] {
  const path = (issue?.path ?? []).map((step) => (typeof step === 'object' ? step.key : step))
  return issue?.code === 'unrecognized_keys' && issue.keys?.[0] !== undefined ? [...path, issue.keys[0]] : path
}

/** zod/mini loads no texts, so that its own message is only "Invalid input". */
function expectedBy(issue: Issue | undefined): string {
  if (issue?.code === 'unrecognized_keys') return 'there is no such setting'
  if (issue && issue.message !== 'Invalid input') return `expected ${issue.message}`
  if (issue?.values) return `expected one of ${issue.values.join(', ')}`
  return `expected ${String(issue?.expected ?? issue?.format ?? 'something else')}`
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    value,
  )
