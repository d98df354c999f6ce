import { type CheckResult, type Context, PrmError } from '@prm/core/adapter'
import { type Client, faultOf } from '@prm/kit'
import { wireNumber, wireProfile } from './api.ts'
import type { Options } from './config.ts'

/** Read only: the sender, its profile, and whether texts come to us. */
export async function check(api: Client, options: Options, ctx: Context): Promise<readonly CheckResult[]> {
  const { from } = options
  let profile = options.messagingProfileId
  const findings: CheckResult[] = []
  if (from?.startsWith('+'))
    findings.push(
      await ask('channel.send', async () => {
        const path = `/messaging_phone_numbers/${encodeURIComponent(from)}`
        const { messaging_profile_id: own } = (await api.call({ method: 'GET', path }, wireNumber, ctx)).data
        const fits = own && (!profile || profile === own)
        profile ??= own ?? undefined
        if (fits) return found('channel.send', true, 'The number is the account’s and belongs to a messaging profile.')
        const detail = own
          ? 'The number belongs to another messaging profile.'
          : 'The number belongs to no messaging profile.'
        return { ...found('channel.send', false, detail), hint: 'Assign it in Mission Control, “Messaging”.' }
      }),
    )
  if (!profile)
    return findings.length > 0 ? findings : [found('channel.send', 'unknown', 'Only numbers are looked up.')]
  const id = profile
  findings.push(
    await ask('inlet.receive', async () => {
      const path = `/messaging_profiles/${encodeURIComponent(id)}`
      const { enabled, webhook_url: url } = (await api.call({ method: 'GET', path }, wireProfile, ctx)).data
      if (enabled === false) return found('inlet.receive', false, 'The messaging profile is disabled.')
      if (!ctx.publicUrl) return found('inlet.receive', 'unknown', 'No public URL is set here.')
      if (url === ctx.publicUrl) return found('inlet.receive', true, 'Texts to the profile’s numbers come here.')
      const hint = `Set the profile’s webhook URL to ${ctx.publicUrl}.`
      return { ...found('inlet.receive', false, 'Texts to the profile’s numbers go elsewhere.'), hint }
    }),
  )
  return findings
}

const found = (what: string, ok: CheckResult['ok'], detail: string): CheckResult => ({ what, ok, detail })

async function ask(what: string, call: () => Promise<CheckResult>): Promise<CheckResult> {
  try {
    return await call()
  } catch (error) {
    const hint = PrmError.is(error) &&
      error.code === 'auth' && { hint: 'Compare apiKey with Mission Control, “API Keys”.' }
    return { what, ...faultOf(error), ...hint }
  }
}
