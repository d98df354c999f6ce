import type {
  Adapter,
  Catalogue,
  Circulation,
  Context,
  Directory,
  Feed,
  Finding,
  Inlet,
  Outcomes,
} from '@prm/core/adapter'
import { notice, PrmError } from '@prm/core/adapter'
import { type Fields, faultOf, parseConfig, phone } from '@prm/kit'
import { type Api, api, saidBy } from './api.ts'
import { catalogue } from './catalogue.ts'
import { loansOf } from './circulation.ts'
import { type KohaConfig, kohaConfig } from './config.ts'
import { directory } from './directory.ts'
import { feed } from './feed.ts'
import { holdsOf, type KohaOps, opsOf } from './holds.ts'
import { filesIn, messageBee } from './message-bee.ts'
import { inlet, outcomes } from './plugin.ts'
import { idIn, type Row } from './wire.ts'
import { type Messaging, messagingOf } from './write.ts'

export type { KohaConfig, MessageBeeConfig, WebhookConfig } from './config.ts'
export type { Done, KohaOps } from './holds.ts'

/** Exact, so that a host writes `prm.adapters.koha.circulation.renew` without asking whether there is one. */
export interface Koha extends Adapter<unknown, KohaOps> {
  readonly directory: Required<Directory>
  readonly circulation: Required<Circulation>
  readonly catalogue: Required<Catalogue>
  readonly feed: Feed
  /** Only with `webhook`. */
  readonly inlet?: Inlet
  /** Only with `webhook` or `messageBee`. */
  readonly outcomes?: Outcomes
  readonly ops: KohaOps
  check(ctx: Context): Promise<readonly Finding[]>
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
    ...(options.webhook && { inlet: inlet(http, options.webhook), outcomes: outcomes(http, 'webhook_notifications') }),
    ...(options.messageBee && { outcomes: outcomes(http, 'messagebee') }),
    ops: opsOf(http),
    check: (ctx) => check(http, messaging, ctx),
  }
}

/** Reads, and writes nothing: what Koha says only when it is tried is `unknown`. */
async function check(api: Api, messaging: Messaging, ctx: Context): Promise<readonly Finding[]> {
  let id = ''
  const find = await asked('directory.find', async () => {
    const { value } = await api.ask<readonly Row[]>({ path: '/patrons', query: { _page: 1, _per_page: 1 } }, ctx)
    id = idIn(value[0] ?? {}, 'patron_id')
    const which = (await api.modern(ctx))
      ? '20.05 or later'
      : 'before 20.05: no titles, and no rules when a hold is placed'
    return `Patrons are found. This Koha is of ${which}.`
  })
  if (find.ok !== true) return [find]
  const reading = (what: string, path: string, query?: Fields) =>
    asked(what, () => api.ask({ path, ...(query && { query }) }, ctx).then(() => 'It is told.'))
  const wishes = await messaging.read(id, ctx)
  const { messageBee: bee } = api.options
  return [
    find,
    finding(
      'directory.preferences',
      wishes.is !== 'unavailable',
      wishes.is === 'unavailable' ? wishes.why : 'They are told.',
    ),
    await reading('circulation.loans', '/checkouts', { patron_id: id }),
    await reading('circulation.holds', '/holds', { patron_id: id }),
    await reading('circulation.charges', `/patrons/${id}/account`),
    await asked('catalogue', () =>
      catalogue(api)
        .byIsbn('9780000000002', ctx)
        .then(() => 'It is told.'),
    ),
    finding('circulation.renew', 'unknown', 'It needs the permission circulate, as loans do.'),
    finding('circulation.place', 'unknown', 'It needs the permission reserveforothers, as cancel and suspend do.'),
    finding('directory.write', 'unknown', 'It needs the permission borrowers: edit_borrowers.'),
    ...(api.options.webhook
      ? [
          finding(
            'inlet.receive',
            'unknown',
            `The plugin needs auth_url ${ctx.publicUrl}/token, notice_url ${ctx.publicUrl}.`,
          ),
        ]
      : []),
    ...(await Promise.all(
      [bee?.path, bee?.archive].flatMap((path, n) =>
        path
          ? asked(n ? 'feed.archive' : 'feed.pull', async () => `${(await filesIn(path)).length} files are there.`)
          : [],
      ),
    )),
  ]
}

const finding = (what: string, ok: Finding['ok'], detail: string): Finding => ({ what, ok, detail })

async function asked(what: string, ask: () => Promise<string>): Promise<Finding> {
  try {
    return finding(what, true, await ask())
  } catch (error) {
    if (!PrmError.is(error)) throw error
    const { permission } = saidBy(error)
    const hint = 'In Koha: the account’s record, More, Set permissions.'
    if (permission) return { ...finding(what, false, `The account lacks the permission ${permission}.`), hint }
    return { what, ...faultOf(error) }
  }
}
