// In: a value of the host. Out: nothing, or an error that names the part that JSON would change.
import { PrmError } from '../contract/index.ts'

/** What is deeper might be too deep for whoever reads it. */
const mostDeep = 100

/** Stored data must come back as it went in: no functions, dates, `undefined` or numbers that JSON lacks. */
export function checkJson(value: unknown, call: string, path: string, within: readonly unknown[] = []): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return
  if (typeof value === 'number' && Number.isFinite(value)) return
  if (typeof value === 'object' && (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype)) {
    if (within.includes(value) || within.length === mostDeep)
      throw new PrmError('invalid', `${call}: ${path} must be JSON, neither in itself nor ${mostDeep} levels deep.`, {
        field: path,
      })
    for (const [name, one] of Object.entries(value))
      checkJson(one, call, Array.isArray(value) ? `${path}[${name}]` : `${path}.${name}`, [...within, value])
    return
  }
  const what =
    typeof value === 'object'
      ? (value.constructor?.name ?? 'an object')
      : String(typeof value === 'number' ? value : typeof value)
  throw new PrmError('invalid', `${call}: ${path} must be JSON, not ${what}.`, { field: path })
}
