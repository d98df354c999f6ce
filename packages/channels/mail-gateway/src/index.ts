import { type Adapter, type CheckResult, type Context, type Prm, PrmError, type WriteBack } from '@prm/core/adapter'
import { parseConfig, phone } from '@prm/kit'
import { blockList, isLoopback } from './access.ts'
import { checkCertificate } from './certificate.ts'
import { type MailGatewayConfig, schema } from './config.ts'
import { noticeMailed } from './interactions.ts'
import { type Listening, listen } from './server.ts'
import { bounces } from './write-back.ts'

export type { Bounces, Limits, MailGatewayConfig } from './config.ts'
export { type NoticeMailed, noticeMailed } from './interactions.ts'

/** Exact, so that a host calls `listen` and `check` without asking whether they are there. */
export interface MailGateway extends Adapter {
  /** Only with `bounces`. */
  readonly writeBack?: WriteBack
  /**
   * Listens for mail until `prm.close()`, and records what comes as `notice.mailed`. Throws `config` when it cannot listen
   * or is no adapter of this host.
   */
  listen(prm: Pick<Prm, 'adapters' | 'context' | 'record'>): Promise<{ readonly port: number }>
  check(ctx: Context): Promise<readonly CheckResult[]>
  close(): Promise<void>
}

/** Takes mail to `number@domain`, as Koha and Evergreen send it, as notices. Throws `config` naming the field. */
export function mailGateway(config: MailGatewayConfig): MailGateway {
  const options = parseConfig(schema, config, 'mailGateway')
  phone('1', options.region) // throws `config` for a country that does not exist
  const { clients = [], users = {}, host = '127.0.0.1', tls } = options
  blockList(clients)
  const wrong = (field: string, expected: string): PrmError =>
    new PrmError('config', `mailGateway: ${field} is missing: expected ${expected}.`, { field })
  const named = Object.keys(users).length > 0
  if (clients.length === 0 && !named) throw wrong('clients', 'who may send, or `users`')
  if (named && !tls && !isLoopback(host)) throw wrong('tls', 'a certificate, since passwords are not taken in clear')
  const back = options.bounces && bounces(options.bounces, options.domains)
  const open: Listening[] = []
  const gateway: MailGateway = {
    spec: 1,
    kind: 'mail-gateway',
    version: '0.0.0',
    emits: [noticeMailed],
    ...(back && { writeBack: back.outcomes }),
    async listen(prm) {
      const id = Object.keys(prm.adapters).find((name) => (prm.adapters[name] as MailGateway).listen === gateway.listen)
      if (id === undefined)
        throw new PrmError('config', 'mailGateway: listen: this host has no such adapter: give it to createPrm first.')
      const listening = await listen(options, prm, prm.context(id))
      open.push(listening)
      return { port: listening.port }
    },
    async check(ctx) {
      const port = open.at(-1)?.port
      const hint = 'Call listen(prm) once the host is made.'
      return [
        port === undefined
          ? { what: 'listen.port', ok: 'unknown', detail: 'it does not listen yet', hint }
          : { what: 'listen.port', ok: true, detail: `it listens at ${host}:${port}` },
        ...(tls ? [checkCertificate(tls, ctx)] : []),
        ...(back ? [await back.check()] : []),
      ]
    },
    async close() {
      await Promise.all(open.map((listening) => listening.close()))
    },
  }
  return gateway
}
