import { type CheckResult, type Context, PrmError } from '@prm/core/adapter'
import { type Client, faultOf } from '@prm/kit'
import { wireAccount, wireNumbers } from './api.ts'
import { type Options, pathOf } from './config.ts'

/** Read only: the account, the sender, and whether texts and delivery states come to us. */
export async function check(api: Client, options: Options, ctx: Context): Promise<readonly CheckResult[]> {
  const account = await asked('account', async () => {
    const { status, type } = await api.call({ method: 'GET', path: pathOf(options, '.json') }, wireAccount, ctx)
    const trial = type === 'Trial' ? ', a trial: only verified numbers get texts' : ''
    return [found('account', status === 'active', `The account is ${status}${trial}.`)]
  })
  return account[0]?.ok === true ? [...account, ...(await sender(api, options, ctx)), callbacks(ctx)] : account
}

const found = (what: string, ok: CheckResult['ok'], detail: string): CheckResult => ({ what, ok, detail })

async function sender(api: Client, options: Options, ctx: Context): Promise<readonly CheckResult[]> {
  const { from } = options
  if (!from) return [found('channel.send', 'unknown', 'A Messaging Service is asked on another host of Twilio’s.')]
  if (!from.startsWith('+')) return [found('channel.send', 'unknown', 'Only phone numbers are listed.')]
  return asked('channel.send', async () => {
    const call = {
      method: 'GET',
      path: pathOf(options, '/IncomingPhoneNumbers.json'),
      query: { PhoneNumber: from },
    } as const
    const [number] = (await api.call(call, wireNumbers, ctx)).incoming_phone_numbers
    if (!number) return [found('channel.send', false, 'The account does not own the number in `from`.')] // Twilio error 21606
    const capable = number.capabilities?.sms
    const send = found('channel.send', capable ?? 'unknown', `The number can ${capable === false ? 'not ' : ''}text.`)
    return [send, inbound(number.sms_url, ctx)]
  })
}

function inbound(url: string | null | undefined, ctx: Context): CheckResult {
  if (!ctx.publicUrl) return found('inlet.receive', 'unknown', 'No public URL is set here.')
  // The fragment holds Twilio's connection overrides and is not called.
  if (url?.replace(/#.*/, '') === ctx.publicUrl) return found('inlet.receive', true, 'Texts to the number come here.')
  const hint = `Set its webhook to ${ctx.publicUrl}, POST.`
  return { ...found('inlet.receive', false, 'Texts to the number go elsewhere.'), hint }
}

function callbacks(ctx: Context): CheckResult {
  if (!ctx.publicUrl) return found('inlet.status', 'unknown', 'No public URL: delivery states must be asked for.')
  const { hostname } = new URL(ctx.publicUrl)
  if (hostname.includes('_')) return found('inlet.status', false, 'Twilio takes no host name with an underscore.') // 21609
  const local = /^(localhost|127\.|\[::1\])/.test(hostname)
  return found(
    'inlet.status',
    local ? 'unknown' : true,
    `Delivery states are sent ${local ? 'to a local URL' : 'here'}.`,
  )
}

async function asked(what: string, ask: () => Promise<readonly CheckResult[]>): Promise<readonly CheckResult[]> {
  try {
    return await ask()
  } catch (error) {
    const hint = PrmError.is(error) &&
      error.code === 'auth' && { hint: 'Compare accountSid and authToken with the Twilio Console.' }
    return [{ what, ...faultOf(error), ...hint }]
  }
}
