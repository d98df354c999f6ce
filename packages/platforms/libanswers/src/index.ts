import {
  type Adapter,
  type Channel,
  type CheckResult,
  type Context,
  type Feed,
  type Knowledge,
  pageChanged,
  questionAsked,
  type Webhook,
} from '@prm/core/adapter'
import { parseConfig } from '@prm/kit'
import { api } from './api.ts'
import { channel, type Ticket } from './channel.ts'
import { check } from './check.ts'
import { type LibAnswersConfig, libAnswersConfig } from './config.ts'
import { feed } from './feed.ts'
import { knowledge } from './knowledge.ts'
import { type LibAnswersOps, opsOf } from './ops.ts'
import { inlet, ticketAnswered } from './webhook.ts'

export type { Ticket } from './channel.ts'
export type { Role } from './columns.ts'
export type { ExportReport, Exports, LibAnswersConfig, MirroredMail, Statistics } from './config.ts'
export { type Questions, type ReadOptions, readQuestions } from './exports.ts'
export type { FormField, LibAnswersOps, Transaction, Widget } from './ops.ts'
export { pageAt } from './page.ts'
export { type TicketAnswered, ticketAnswered } from './webhook.ts'

/** Exact, so that a host writes `prm.adapters.answers.channel.send` without asking whether there is a channel. */
export interface LibAnswers extends Adapter<Ticket, LibAnswersOps> {
  /** Tickets. An address is `{ scheme: 'ticket', realm: <queue>, value: <whom LibAnswers answers, or anything> }`. */
  readonly channel: Channel<Ticket>
  /** FAQs. Search only with `iid`. */
  readonly knowledge: Knowledge
  /** Only with `statistics`, `changes` or `exports`. */
  readonly feed?: Feed
  /** Only with `mail`. */
  readonly webhook?: Webhook
  readonly ops: LibAnswersOps
  check(ctx: Context): Promise<readonly CheckResult[]>
}

/** A LibAnswers tenant, as far as public evidence goes. Throws `config` naming the field when the config is wrong, before any call. */
export function libanswers(config: LibAnswersConfig): LibAnswers {
  const options = parseConfig(libAnswersConfig, config, 'libanswers')
  const { statistics, changes, exports, mail } = options
  const http = api(options)
  return {
    spec: 1,
    kind: 'libanswers',
    version: '0.0.0',
    emits: [questionAsked, pageChanged, ticketAnswered],
    channel: channel(http),
    knowledge: knowledge(http),
    ...((statistics || changes || exports) && { feed: feed(http) }),
    ...(mail && { webhook: inlet(mail) }),
    ops: opsOf(http),
    check: (ctx) => check(http, ctx),
  }
}
