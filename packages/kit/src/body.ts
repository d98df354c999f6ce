/** The bytes of a request or a response, or `undefined` as soon as it turns out to hold more than `limit` of them. */
export async function bytesOf(source: Request | Response, limit: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (!source.body) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = source.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.byteLength
    if (size > limit) {
      await reader.cancel()
      return undefined
    }
    chunks.push(value)
  }
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}
