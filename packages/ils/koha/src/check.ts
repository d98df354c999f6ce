import { type CheckResult, type Context, PrmError } from '@prm/core/adapter'
import { type Fields, faultOf } from '@prm/kit'
import { type Api, saidBy } from './api.ts'
import { catalogue } from './catalogue.ts'
import { filesIn } from './message-bee.ts'
import type { Messaging } from './messaging.ts'
import { idIn, type Row } from './values.ts'

/** Reads, and writes nothing: what Koha says only when it is tried is `unknown`. */
export async function check(api: Api, messaging: Messaging, ctx: Context): Promise<readonly CheckResult[]> {
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
      wishes.is === 'unavailable' ? wishes.reason : 'They are told.',
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

const finding = (what: string, ok: CheckResult['ok'], detail: string): CheckResult => ({ what, ok, detail })

async function asked(what: string, ask: () => Promise<string>): Promise<CheckResult> {
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
