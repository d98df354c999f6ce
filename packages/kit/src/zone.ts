/** Whether this runtime knows the IANA zone. `z.string().check(z.refine(isZone, 'an IANA zone such as America/Chicago'))`. */
export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
