import type { Address, Channel, Content, Context, Measurement, Outbound, Receipt } from '@prm/core/adapter'
import { PrmError } from '@prm/core/adapter'
import { type Client, measureSms, resolve, type Wire } from '@prm/kit'
import { lineType, priceTo } from '@prm/kit/line-type'
import * as z from 'zod/mini'
import { isPlain, type Options } from './config.ts'

/** Kannel's own words: `0: Accepted for delivery`. */
export interface KannelAnswer {
  readonly said: string
}

/** User's guide, table 7-16: `0: Accepted for delivery`, or `3: Queued for later delivery` while no SMSC is connected. */
const accepted: Wire<string> = z.string().check(z.regex(/^[03]: [ -~]{1,200}\s*$/))

export function channel(api: Client, options: Options): Channel<KannelAnswer> {
  return {
    medium: 'sms',
    schemes: ['tel'],
    exposure: 'glanceable',
    senders: options.from === undefined ? [] : [{ address: tel(options.from), ...options.rate }],
    // No id and no look-up: where an answer is lost, the purpose decides.
    limits: { idempotent: false },
    measure: (content, to) => measure(options, content, to),
    send: (message, ctx) => send(api, options, message, ctx),
  }
}

const tel = (value: string): Address => ({ scheme: 'tel', value })

function measure({ price: prices, maxParts }: Options, content: Content, to?: Address): Measurement {
  const price = priceTo(prices, to)
  const sms = measureSms(content, price ? { price } : {})
  const pictures = content.media?.length ? ['Kannel sends no pictures'] : []
  return {
    ...sms,
    ...((sms.units > maxParts || pictures.length > 0) && { tooLong: true }),
    ...(to && lineType(to.value) === 'landline' && { unreachable: 'a landline' }),
    warnings: [...sms.warnings, ...pictures],
  }
}

async function send(api: Client, options: Options, message: Outbound, ctx: Context): Promise<Receipt<KannelAnswer>> {
  const { to, content } = message
  if (to.scheme !== 'tel') throw new PrmError('invalid', 'Kannel reaches tel addresses only.')
  const { encoding, tooLong, units } = measure(options, content)
  // Kannel would cut it off, and say that it took it.
  if (tooLong)
    throw new PrmError('invalid', `The message has ${units} parts or pictures; maxParts is ${options.maxParts}.`)
  const from = message.from?.value ?? options.from
  const report = ctx.publicUrl && (await reportUrl(ctx.publicUrl, message.key, options))
  const headers = {
    'x-kannel-to': to.value,
    ...(from && { 'x-kannel-from': from }),
    ...(options.smsc && { 'x-kannel-smsc': options.smsc }),
    'x-kannel-coding': encoding === 'ucs2' ? '2' : '0',
    ...validity(message.expireAt, ctx),
    ...(report && { 'x-kannel-dlr-mask': '31', 'x-kannel-dlr-url': report }),
  }
  const body = { type: 'text/plain; charset=UTF-8', text: content.text }
  // By POST, so that neither number nor text nor password stands in a URL, which proxies log.
  const said = await api.call({ method: 'POST', path: options.path, headers, body, text: true }, accepted, ctx)
  return { state: 'accepted', raw: { said: said.trim() } }
}

/** Kannel fills in `%d`, and makes `%` of `%%`: all others in the URL are ours, and are doubled (measured with 1.4.5). */
async function reportUrl(url: string, key: string, options: Options): Promise<string> {
  const secret = await resolve(options.callbackSecret)
  if (!isPlain(secret)) throw new PrmError('config', 'callbackSecret has to be at least 16 letters, digits, - or _.')
  const own = new URL(url)
  own.search = new URLSearchParams({ secret, key }).toString()
  return `${own.href.replaceAll('%', '%%')}&dlr=%d`
}

/** Minutes that the SMSC may try. Less than one is none. */
function validity(expireAt: string | undefined, ctx: Context): { 'x-kannel-validity'?: string } {
  if (expireAt === undefined) return {}
  const ms = Date.parse(expireAt) - ctx.now().getTime()
  if (!(ms > 0)) throw new PrmError('invalid', 'The message expired before it was sent.')
  return { 'x-kannel-validity': String(Math.max(1, Math.floor(ms / 60_000))) }
}
