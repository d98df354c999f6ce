import { PrmError } from '@prm/core/adapter'
import type { AnySimulator, Fixtures, Suite } from './checks.ts'
import { type Planned, plan } from './suite.ts'

/** What reads only, whatever the vendor. A feed is not among them: some mark what they have given. */
const reads =
  /^(manifest\/|check\/|privacy\/|channel\/measure$|directory\/(find|absent|ambiguous)$|circulation\/(loans|absent)$|catalogue\/(by-isbn|absent)$|knowledge\/(pages|page-boundary|since|version|search)$|metrics\/(rows|absent-is-not-zero|sampled)$)/
/** What writes, and can be run without a simulator. */
const writes = ['channel/send', 'circulation/renew', 'feed/facts', 'feed/keys', 'feed/resume']

export interface LiveOptions {
  /** Checks that write there: `['channel/send']`. */
  readonly allow?: readonly string[]
  /** `process.env` by default. */
  readonly env?: { readonly [name: string]: string | undefined }
  /** Records all that is asked and answered, by `make(fetch)`. */
  readonly record?: (of: { readonly persons: readonly string[] }) => typeof globalThis.fetch
}

/** The checks of an adapter that speaks to its vendor. */
export function live<S extends AnySimulator>(
  { live, deviations = [] }: Suite<S>,
  { allow = [], env = process.env, record = () => globalThis.fetch }: LiveOptions,
): readonly Planned[] {
  if (!live)
    throw new PrmError(
      'config',
      'This suite has no `live`: how the adapter is made for a sandbox, and who is known there.',
    )
  const wrong = allow.find((id) => !writes.includes(id))
  if (wrong !== undefined)
    throw new PrmError(
      'config',
      `${wrong} cannot be allowed. What can be, beside all that only reads: ${writes.join(', ')}.`,
    )
  const { make, fixtures } = live((name) => {
    const value = env[name]
    if (!value)
      throw new PrmError('config', `${name} is not set. A run against the vendor itself reads it from the environment.`)
    return value
  })
  const fetch = record({ persons: personsIn(fixtures) })
  const barred = (id: string): string | undefined => {
    if (reads.test(id) || allow.includes(id)) return undefined
    return writes.includes(id) ? 'it writes there, and was not allowed' : 'it needs the simulator'
  }
  const known = deviations.filter(({ check }) => !barred(check))
  return plan({ make: () => make(fetch), fixtures, deviations: known, live }, barred)
}

function personsIn({ known, unknown, shared, loans, forbidden }: Fixtures): readonly string[] {
  return [...[known, unknown, shared, loans?.patron].flatMap((one) => (one ? [one.value] : [])), ...forbidden]
}
