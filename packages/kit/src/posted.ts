import { type Context, PrmError, type Secret } from '@prm/core/adapter'
import { bytesOf } from './body.ts'
import { resolve } from './secrets.ts'
import { hmacSha256, sameText } from './signature.ts'

/** What a program of the library's own posts to an inlet is signed with one of these. */
export interface Posting {
  readonly secret: Secret
  readonly previousSecret?: Secret | undefined
}

const staleMs = 5 * 60_000

/**
 * The body of a request with `prm-signature: t=1764428400,v1=…`: seconds, and HMAC-SHA256 in hexadecimal over them, a dot, and
 * the body. Throws `signature` where it is missing, wrong or five minutes old, `invalid` above `most` bytes.
 */
export async function postedBody(
  request: Request,
  { secret, previousSecret }: Posting,
  most: number,
  ctx: Context,
): Promise<Uint8Array<ArrayBuffer>> {
  const [, time = '', mac = ''] =
    /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(request.headers.get('prm-signature') ?? '') ?? []
  if (!(Math.abs(ctx.now().getTime() - Number(time) * 1000) < staleMs))
    throw new PrmError('signature', 'The signature is missing, not of its form, or older than 5 minutes.')
  const body = await bytesOf(request, most)
  if (!body) throw new PrmError('invalid', `The request is larger than ${most} bytes.`)
  for (const one of [secret, previousSecret]) {
    if (one !== undefined && sameText(hmacSha256(await resolve(one), `${time}.`, body).hex, mac)) return body
  }
  throw new PrmError('signature', 'The signature is not of this request.')
}
