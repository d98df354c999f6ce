import type { Fault } from '@prm/core'
import type { Account, Kept, Status } from './account.ts'
import { isLocal, signed } from './sign.ts'

export interface Reports {
  /**
   * Posts each status after the first to the message's StatusCallback, if that is on this machine. The first is the API's
   * answer, and no report.
   */
  start(message: Kept, fault: Fault | undefined): void
  idle(): Promise<void>
  close(): void
}

export function reports(state: Account): Reports {
  const underWay = new Set<Promise<void>>()
  const closing = new AbortController()

  async function run(message: Kept, callback: string, fault: Fault | undefined): Promise<void> {
    const steps = message.steps.slice(1)
    if (fault === 'reordered-reports') steps.reverse()
    for (const step of steps) {
      await pause(state.options.delayMs ?? 0, closing.signal)
      const times = fault === 'duplicate-report' ? 2 : 1
      for (let n = 0; n < times && !closing.signal.aborted; n++)
        await post(state, message, callback, step, closing.signal)
    }
  }

  return {
    start(message, fault) {
      if (message.callback === undefined || !isLocal(message.callback)) return
      const one = run(message, message.callback, fault).finally(() => underWay.delete(one))
      underWay.add(one)
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay)
    },
    close: () => closing.abort(),
  }
}

async function post(
  state: Account,
  message: Kept,
  callback: string,
  status: Status,
  signal: AbortSignal,
): Promise<void> {
  const { sid } = message
  // Whoever was to hear it may be gone; that is a fact worth keeping, and no failure of the simulator.
  const answer = await fetch(signed(state, callback, report(state, message, status)), { signal }).then(
    async (response) => {
      await response.body?.cancel()
      return response.status
    },
    () => 0,
  )
  state.posted.push({ sid, status, answer })
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

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) return done()
    // Even 0 lets the API answer first.
    const timer = setTimeout(end, ms)
    function end() {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      done()
    }
    signal.addEventListener('abort', end)
  })
}
