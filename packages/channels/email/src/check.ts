import type { CheckResult, Context } from '@prm/core/adapter'
import { faultOf } from '@prm/kit'
import type { EmailConfig } from './config.ts'
import { opens } from './imap.ts'
import type { Smtp } from './smtp.ts'

/** Read only: do the servers let us in, are the mailboxes there, and does what comes back have a way? */
export async function check(config: EmailConfig, smtp: Smtp, ctx: Context): Promise<readonly CheckResult[]> {
  const { imap, inlet, unsubscribe, dkim } = config
  const https = ctx.publicUrl?.startsWith('https:')
  return [
    await asked('channel.send', 'The mail server lets us in.', 'Compare smtp with what its provider says.', () =>
      smtp.verify(),
    ),
    ...(imap
      ? [await asked('feed.pull', 'The mailboxes are there.', 'Compare imap.', () => opens(imap, ctx.signal))]
      : []),
    imap || inlet
      ? { what: 'inlet.receive', ok: true, detail: 'Answers and bounces have a way in.' }
      : { what: 'inlet.receive', ok: false, detail: 'Answers and bounces are not read.', hint: 'Set imap or inlet.' },
    ...(unsubscribe
      ? [
          https && dkim
            ? { what: 'channel.unsubscribe', ok: true, detail: 'One click unsubscribes, and its headers are signed.' }
            : {
                what: 'channel.unsubscribe',
                ok: https ? ('unknown' as const) : false,
                detail: https ? 'Whether the mail server signs its headers is not seen.' : 'There is no one-click.',
                hint: https ? 'List-Unsubscribe and -Post must be in its DKIM signature.' : 'It needs an https URL.',
              },
        ]
      : []),
  ]
}

async function asked(what: string, detail: string, hint: string, ask: () => Promise<void>): Promise<CheckResult> {
  try {
    await ask()
    return { what, ok: true, detail }
  } catch (error) {
    return { what, ...faultOf(error), hint }
  }
}
