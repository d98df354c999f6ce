import type { Code } from '@prm/core/adapter'

/** The last part of a problem's type: `usage-capped`. */
export const kindOf = (type: unknown): string | undefined =>
  typeof type === 'string' ? /\/problems\/([\w-]+)$/.exec(type)?.[1] : undefined

function problemOf(body: unknown): { readonly kind: string | undefined; readonly said: string } {
  const { type, detail } = Object(body) as { type?: unknown; detail?: unknown }
  return { kind: kindOf(type), said: typeof detail === 'string' ? detail : '' }
}

export function codeOf(status: number, body: unknown): Code | undefined {
  const { kind, said } = problemOf(body)
  // Credits or the cap are used up, or the app is not enrolled: somebody has to pay or to set it up.
  if (status === 402 || kind === 'usage-capped' || kind === 'client-forbidden') return 'config'
  if (status !== 403) return undefined
  // The wording of these three is UNVERIFIED; another goes by its status.
  if (/duplicate/i.test(said)) return 'conflict'
  return /deleted or not visible/i.test(said) ? 'not_found' : 'forbidden'
}

/** Beside the kinds of X's own, so that a refusal can be told apart by `vendor.code`. */
export function vendorCode(body: unknown): string | undefined {
  const { kind, said } = problemOf(body)
  return /suspended/i.test(said) ? 'suspended' : kind
}
