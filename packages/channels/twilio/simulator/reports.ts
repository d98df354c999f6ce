import type { Fault } from '@prm/core/adapter'
import { isLocal, post, type Reporter } from '@prm/kit/simulator'
import type { Account, Kept } from './account.ts'
import { signed } from './sign.ts'

/** Posts each status after the first, which is the API's answer, to the message's StatusCallback, if that is on this machine. */
export function start(state: Account, reporter: Reporter, message: Kept, fault: Fault | undefined): void {
  const { sid, callback } = message
  if (callback === undefined || !isLocal(callback)) return
  const reports = message.steps.slice(1).map((status) => async (signal: AbortSignal) => {
    const answer = await post(signed(state, callback, report(state, message, status)), signal)
    state.posted.push({ sid, status, answer })
  })
  reporter.start(reports, fault)
}

/** docs/messaging/guides/outbound-message-status-in-status-callbacks: the standard subset, MessageStatus and ErrorCode. */
export function report(state: Account, { sid, to, from, code, steps }: Kept, status: string): URLSearchParams {
  const failed = code !== undefined && (status === 'undelivered' || status === 'failed')
  return new URLSearchParams({
    ApiVersion: '2010-04-01',
    AccountSid: state.accountSid,
    ...(failed && { ErrorCode: String(code) }),
    From: from ?? state.from,
    MessageSid: sid,
    MessageStatus: status,
    ...(steps[0] === 'accepted' &&
      state.options.messagingServiceSid && { MessagingServiceSid: state.options.messagingServiceSid }),
    SmsSid: sid,
    SmsStatus: status,
    To: to,
  })
}
