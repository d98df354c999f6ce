import type {
  Adapter,
  Catalogue,
  CheckResult,
  Circulation,
  Context,
  Directory,
  Feed,
  Webhook,
  WriteBack,
} from '@prm/core/adapter'
import { notice } from '@prm/core/adapter'
import { parseConfig, phone } from '@prm/kit'
import { api } from './api.ts'
import { catalogue } from './catalogue.ts'
import { check } from './check.ts'
import { loansOf } from './circulation.ts'
import { type KohaConfig, kohaConfig } from './config.ts'
import { directory } from './directory.ts'
import { feed } from './feed.ts'
import { holdsOf, type KohaOps, opsOf } from './holds.ts'
import { messageBee } from './message-bee.ts'
import { messagingOf } from './messaging.ts'
import { inlet } from './webhook.ts'
import { outcomes } from './write-back.ts'

export type { KohaConfig, MessageBeeConfig, WebhookConfig } from './config.ts'
export type { Done, KohaOps } from './holds.ts'

/** Exact, so that a host writes `prm.adapters.koha.circulation.renew` without asking whether there is one. */
export interface Koha extends Adapter<unknown, KohaOps> {
  readonly directory: Required<Directory>
  readonly circulation: Required<Circulation>
  readonly catalogue: Required<Catalogue>
  readonly feed: Feed
  /** Only with `webhook`. */
  readonly webhook?: Webhook
  /** Only with `webhook` or `messageBee`. */
  readonly writeBack?: WriteBack
  readonly ops: KohaOps
  check(ctx: Context): Promise<readonly CheckResult[]>
}

/** A Koha from 19.05 to today's, by its REST API. Throws `config` naming the field when the config is wrong, before any call. */
export function koha(config: KohaConfig): Koha {
  const options = parseConfig(kohaConfig, config, 'koha')
  phone('1', options.region) // throws `config` for a country that does not exist
  const http = api(options)
  const messaging = messagingOf(http)
  return {
    spec: 1,
    kind: 'koha',
    version: '0.0.0',
    emits: [notice],
    directory: directory(http, messaging),
    circulation: { ...loansOf(http), ...holdsOf(http) },
    catalogue: catalogue(http),
    feed: options.messageBee ? messageBee(http, options.messageBee) : feed(http, messaging),
    ...(options.webhook && {
      webhook: inlet(http, options.webhook),
      writeBack: outcomes(http, 'webhook_notifications'),
    }),
    ...(options.messageBee && { writeBack: outcomes(http, 'messagebee') }),
    ops: opsOf(http),
    check: (ctx) => check(http, messaging, ctx),
  }
}
