import { type Context, type Finding, PrmError } from '@prm/core'
import type { Client } from '@prm/kit'
import { accountPath, type Options } from './config.ts'
import { wireAccount, wireNumbers } from './wire.ts'

/** Read only: the account, the sender, and whether texts to it come to us. */
export async function check(api: Client, options: Options, ctx: Context): Promise<readonly Finding[]> {
  const account = await asked('account', async () => {
    const { status, type } = await api.call({ method: 'GET', path: `${accountPath(options)}.json` }, wireAccount, ctx)
    const trial = type === 'Trial' ? ', a trial: only verified numbers get texts' : ''
    return [{ what: 'account', ok: status === 'active', detail: `The account is ${status}${trial}.` }]
  })
  return account[0]?.ok === true ? [...account, ...(await sender(api, options, ctx)), callbacks(ctx)] : account
}

async function sender(api: Client, options: Options, ctx: Context): Promise<readonly Finding[]> {
  const { from } = options
  if (from === undefined || !from.startsWith('+')) {
    const detail =
      from === undefined
        ? 'A Messaging Service is asked on another host of Twilio’s.'
        : 'Only phone numbers are listed.'
    return [{ what: 'channel.send', ok: 'unknown', detail }]
  }
  return asked('channel.send', async () => {
    const path = `${accountPath(options)}/IncomingPhoneNumbers.json`
    const found = await api.call({ method: 'GET', path, query: { PhoneNumber: from } }, wireNumbers, ctx)
    const [number] = found.incoming_phone_numbers
    if (!number) return [{ what: 'channel.send', ok: false, detail: 'The account does not own the number in `from`.' }] // Twilio error 21606
    const capable = number.capabilities?.sms
    const send: Finding = {
      what: 'channel.send',
      ok: capable ?? 'unknown',
      detail: `The number can ${capable === false ? 'not ' : ''}text.`,
    }
    return [send, inbound(number.sms_url, ctx)]
  })
}

function inbound(url: string | null | undefined, ctx: Context): Finding {
  if (ctx.url === undefined) return { what: 'inlet.receive', ok: 'unknown', detail: 'No public URL is set here.' }
  // Twilio strips the fragment, which holds connection overrides.
  if (url?.replace(/#.*/, '') === ctx.url)
    return { what: 'inlet.receive', ok: true, detail: 'Texts to the number come here.' }
  return {
    what: 'inlet.receive',
    ok: false,
    detail: 'Texts to the number go elsewhere or nowhere.',
    hint: `Set its webhook to ${ctx.url}, POST.`,
  }
}

function callbacks(ctx: Context): Finding {
  if (ctx.url === undefined)
    return { what: 'inlet.status', ok: 'unknown', detail: 'No public URL: delivery states must be asked for.' }
  const { hostname } = new URL(ctx.url)
  // Twilio error 21609
  if (hostname.includes('_'))
    return { what: 'inlet.status', ok: false, detail: 'Twilio takes no host name with an underscore.' }
  const local = /^(localhost|127\.|\[::1\])/.test(hostname)
  return {
    what: 'inlet.status',
    ok: local ? 'unknown' : true,
    detail: local ? 'Twilio cannot reach a local URL.' : 'Delivery states are sent here.',
  }
}

async function asked(what: string, ask: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await ask()
  } catch (error) {
    if (!PrmError.is(error)) throw error
    const later = error.code === 'unavailable' || error.code === 'rate_limited'
    const hint = error.code === 'auth' ? { hint: 'Compare accountSid and authToken with the Twilio Console.' } : {}
    return [{ what, ok: later ? 'unknown' : false, detail: error.message, ...hint }]
  }
}
