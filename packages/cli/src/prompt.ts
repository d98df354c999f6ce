/** What `doctor` found out of one thing. */
export interface Found {
  readonly what: string
  readonly ok: boolean | 'unknown'
  readonly detail: string
  readonly hint?: string
}

const patienceMs = 10_000

/** The answer, or in words why there is none. */
export async function ask(url: string, init: RequestInit, signal: AbortSignal): Promise<Response | string> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]) })
  } catch (error) {
    signal.throwIfAborted()
    const { name, cause } = error as Error & { readonly cause?: { readonly code?: string } }
    return name === 'TimeoutError'
      ? 'does not answer in 10 s'
      : `cannot be reached${cause?.code ? ` (${cause.code})` : ''}`
  }
}
