/**
 * UUIDs of version 7 (RFC 9562, 6.2, method 1): in the order in which this process makes them, and by the millisecond among
 * processes. What is due at the same time runs in this order.
 */
export function ascendingId(): string {
  const now = Date.now()
  if (now > last.ms) last = { ms: now, count: 0 }
  else if (++last.count > 0xfff) last = { ms: last.ms + 1, count: 0 }
  const time = last.ms.toString(16).padStart(12, '0')
  const count = last.count.toString(16).padStart(3, '0')
  const random = crypto.randomUUID().slice(19) // with the variant's bits
  return `${time.slice(0, 8)}-${time.slice(8)}-7${count}-${random}`
}

let last = { ms: 0, count: 0 }
