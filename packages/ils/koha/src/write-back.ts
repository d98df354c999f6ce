import { type NoticeResult, PrmError, type WriteBack } from '@prm/core/adapter'
import { type Api, unlessMissing } from './api.ts'

/** So that Koha's own queue is true: both plugins count a notice as sent as soon as it left. */
export function outcomes(api: Api, plugin: 'webhook_notifications' | 'messagebee'): WriteBack {
  return {
    async report(results, ctx) {
      const left: NoticeResult[] = []
      let failed: unknown
      for (const result of results) {
        const { origin = '', state } = result
        if (!/^\d+$/.test(origin)) continue
        if (ctx.signal.aborted) throw new PrmError('unavailable', 'It was called off before all was told.')
        const status = /^(accepted|sent|delivered|read)$/.test(state) ? 'sent' : 'failed'
        const path = `/contrib/${plugin}/message/${origin}/status`
        const told = unlessMissing(api.ask({ method: 'POST', path, query: { status } }, ctx), () =>
          ctx.log('warn', 'Koha has no such message any more, or not the plugin.', { message: origin }),
        )
        // One that Koha breaks on keeps the others from nothing, and is told again alone.
        await told.catch((error: unknown) => {
          failed ??= error
          left.push(result)
        })
      }
      if (failed && left.length === results.length) throw failed
      return left
    },
  }
}
