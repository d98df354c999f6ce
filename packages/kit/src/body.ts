/** The bytes of a request or an answer, or `undefined` as soon as it turns out to hold more than `limit` of them. */
export async function bytesOf(
  source: Request | Response | AsyncIterable<Uint8Array>,
  limit: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of Symbol.asyncIterator in source ? source : (source.body ?? [])) {
    size += chunk.byteLength
    if (size > limit) return undefined // which cancels what is left
    chunks.push(chunk)
  }
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}
