/** XRPC names its errors in `error`. */
export function nameOf(body: unknown): string | undefined {
  return typeof body === 'object' && body !== null && 'error' in body ? String(body.error) : undefined
}

/** An expired token is 400, too; a record that is not there is, without a name of its own where another server keeps it. */
export function codeOf(status: number, body: unknown): 'auth' | 'not_found' | undefined {
  const name = nameOf(body) ?? ''
  if (/^(ExpiredToken|InvalidToken|Auth\w+|Account(Takedown|Suspended|Deactivated))$/.test(name)) return 'auth'
  const gone =
    name === 'RecordNotFound' || /could not locate record/i.test(String((body as { message?: unknown })?.message))
  return status === 400 && gone ? 'not_found' : undefined
}
