// The adapters of others, in docs/adapters.json: one a line, so that each is added by one line of a pull request.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { root } from '../check/packages.ts'

export interface Registered {
  readonly package: string
  readonly facets: readonly string[]
  readonly repository: string
  /** Where the lines of its last conformance report are. */
  readonly report: string
}
const schema = z.fromJSONSchema(JSON.parse(readFileSync(join(root, 'docs/adapters.schema.json'), 'utf8')))

export const registered = (text: string): readonly Registered[] => JSON.parse(text).adapters ?? []

/** What is wrong with it, each in a sentence. */
export function faultsOf(text: string): readonly string[] {
  const parsed = jsonOf(text)
  if (typeof parsed === 'string') return [parsed]
  const { error } = schema.safeParse(parsed.value)
  if (error) return error.issues.map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`)
  const names = registered(text).map((one) => one.package)
  const lines = text.split('\n').filter((line) => line.includes('"package"'))
  return [
    ...(names.join() === [...new Set(names)].sort().join() ? [] : ['its packages are not in order, each once']),
    ...(lines.length === names.length ? [] : ['each package has one line of its own']),
  ]
}

function jsonOf(text: string): { readonly value: unknown } | string {
  try {
    return { value: JSON.parse(text) }
  } catch (error) {
    return `it is no JSON: ${(error as Error).message}`
  }
}
