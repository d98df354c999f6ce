import type { CheckResult, Context } from '@prm/core/adapter'
import { asked } from '@prm/kit'
import { filesSince } from '@prm/kit-pages'
import type { Api } from './api.ts'
import { knowledge } from './knowledge.ts'
import { opsOf } from './ops.ts'
import { transactions } from './statistics.ts'

/** What no public client shows, so that no tenant has been seen to offer it. */
const unseen = [
  ['ops.tickets', 'No public client lists, reads or answers tickets: answers come by mail, and old tickets by export.'],
  ['ops.chats', 'No public client reads chats: they come by export.'],
  ['inlet.webhooks', 'LibAnswers is not known to call anybody.'],
] as const

/** Reads, and writes nothing: what LibAnswers says only when it is tried is `unknown`. */
export async function check(api: Api, ctx: Context): Promise<readonly CheckResult[]> {
  const { queue, iid, statistics, exports = [], mail } = api.options
  const ops = opsOf(api)
  const token = await asked(
    'auth',
    async () => `The token may do: ${(await api.scopes(ctx)).join(', ') || 'what is not said'}.`,
  )
  if (token.ok !== true)
    return [{ ...token, hint: 'Compare clientId and clientSecret with Admin, API, API Authentication.' }]
  const scopes = await api.scopes(ctx)
  const creates = scopes.length === 0 || scopes.includes('app_create')
  const findings: CheckResult[] = [token]
  if (!creates)
    findings.push({
      ...finding('channel.send', false, 'The token may create nothing.'),
      hint: 'In API Authentication, tick Create for the application.',
    })
  else if (queue === undefined)
    findings.push(finding('channel.send', 'unknown', 'No queue is set: each ticket names its own.'))
  else
    findings.push(
      await asked(
        'channel.send',
        async () => `The form of queue ${queue} has ${(await ops.queueFields(queue, ctx)).length} fields.`,
      ),
    )
  findings.push(
    await asked('knowledge.pages', async () => {
      for await (const { title } of knowledge(api).pages(undefined, ctx)) if (title) return 'FAQs are told.'
      return 'There is no public FAQ.'
    }),
  )
  if (iid !== undefined)
    findings.push(
      await asked(
        'knowledge.search',
        async () => `${(await knowledge(api).search?.('library', ctx))?.length ?? 0} FAQs are found by "library".`,
      ),
    )
  if (statistics)
    findings.push(
      await asked('feed.statistics', async () => {
        const today = ctx.now().toISOString().slice(0, 10)
        for await (const { facts, bad } of transactions(api, statistics.dataset, today, undefined, ctx))
          return `Transactions are told: ${facts.length} of today, ${bad.length} that cannot be read. Their zone is UNVERIFIED.`
        return 'Transactions are told.'
      }),
    )
  for (const { of, path } of exports)
    findings.push(
      await asked(
        'feed.exports',
        async () => `${(await filesSince(path, undefined)).length} files of ${of} are there.`,
      ),
    )
  if (mail)
    findings.push(
      finding(
        'inlet.receive',
        'unknown',
        `Mail to ${mail.address.replace('@', '+…@')} must be posted to ${ctx.publicUrl ?? 'this instance'}.`,
      ),
    )
  return [...findings, ...unseen.map(([what, detail]) => finding(what, 'unknown', `UNVERIFIED: ${detail}`))]
}

const finding = (what: string, ok: CheckResult['ok'], detail: string): CheckResult => ({ what, ok, detail })
