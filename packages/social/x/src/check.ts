import { type CheckResult, type Context, PrmError } from '@prm/core/adapter'
import { wireCounts, wireMade, wireUsage } from './api.ts'
import { dollars, type Options } from './config.ts'
import { type Clients, searched } from './feed.ts'

/** What works with these credentials, and what it will cost. Each query is counted once, which X charges for. */
export async function check({ app, user }: Clients, options: Options, ctx: Context): Promise<readonly CheckResult[]> {
  const { queries, prices, budget, account, keepDays } = options
  const findings: CheckResult[] = [
    {
      what: 'budget',
      ok: budget > 0,
      detail: `${dollars(budget)} a month for reading, at the prices of ${prices.asOf}: ${dollars(prices.read)} a post, ${dollars(prices.ownRead)} a mention. Answers cost ${dollars(prices.reply)}, with a link ${dollars(prices.replyWithLink)}, and are not in it.`,
      hint: 'Compare with the prices in X’s console, and set a spending limit there too.',
    },
    await asked('usage', async () => {
      const { data } = await app.call({ method: 'GET', path: '2/usage/tweets' }, wireUsage, ctx)
      const read = Number(data.project_usage ?? Number.NaN)
      if (Number.isNaN(read)) return { ok: 'unknown', detail: 'X does not say how many posts were read.' }
      const cost = read * prices.read
      const over = cost >= budget
      const day = data.cap_reset_day ? ` X counts anew on day ${data.cap_reset_day} of the month.` : ''
      const most = `X counted ${read} posts read, ${dollars(cost)} at the most of ${dollars(budget)}.`
      return { ok: over ? 'unknown' : true, detail: `${most}${over ? ' The budget may be used up.' : ''}${day}` }
    }),
  ]
  for (const { name, query } of queries) {
    findings.push(
      await asked('feed.pull', async () => {
        const call = {
          method: 'GET',
          path: '2/tweets/counts/recent',
          query: { query: searched(query, account.id) },
        } as const
        const { meta } = await app.call(call, wireCounts, ctx)
        const daily = meta.total_tweet_count / 7
        const [reading, again] = [daily * 30 * prices.read, daily * keepDays * 30 * prices.read]
        const sum = `query ${name}: ${meta.total_tweet_count} posts in 7 days: about ${dollars(Math.round(reading / 10_000) * 10_000)} a month to read, and ${dollars(Math.round(again / 10_000) * 10_000)} to ask each again daily for ${keepDays} days, as X's terms want.`
        const fits = reading + again <= budget
        const hint = 'Make the query narrower, keep texts for fewer days (keepDays), or leave it.'
        return fits ? { ok: true, detail: sum } : { ok: false, detail: `${sum} That is more than the budget.`, hint }
      }),
    )
  }
  if (options.userToken === undefined) {
    const detail = 'No userToken: own mentions are not read, and nothing can be answered.'
    return [...findings, { what: 'channel.send', ok: false, detail }]
  }
  const me = await asked('channel.send', async () => {
    const { data } = await user.call({ method: 'GET', path: '2/users/me' }, wireMade, ctx)
    const ours = data.id === account.id
    return {
      ok: ours,
      detail: ours
        ? 'The token is the account’s. X takes answers only to who mentioned or quoted it; all others are answered by hand.'
        : 'The token is of another account than `account.id`.',
    }
  })
  const webhook: CheckResult = {
    what: 'inlet.receive',
    ok: options.consumerSecret !== undefined && ctx.publicUrl ? 'unknown' : false,
    detail:
      options.consumerSecret === undefined
        ? 'No consumerSecret: webhooks are refused. They are charged as posts, so that polling own mentions is cheaper.'
        : ctx.publicUrl
          ? 'Whether X has this webhook and subscriptions is not asked.'
          : 'No public URL is set here.',
  }
  return [...findings, me, webhook]
}

type Answer = Omit<CheckResult, 'what'>
async function asked(what: string, ask: () => Promise<Answer>): Promise<CheckResult> {
  try {
    return { what, ...(await ask()) }
  } catch (error) {
    if (!PrmError.is(error)) throw error
    const later = error.code === 'unavailable' || error.code === 'rate_limited'
    const paid = error.vendor?.status === 402 || error.vendor?.code === 'usage-capped'
    const hint = paid ? { hint: 'Credits or X’s cap are used up: see the console.' } : {}
    return { what, ok: later ? 'unknown' : false, detail: error.message, ...hint }
  }
}
