import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Fault, Json, Simulator } from '@prm/core/adapter'
import { serve } from './api.ts'
import { addHold, addLoan, addPatron, type Fields, type SimulateOptions, type Town, town } from './state.ts'
import { type Letter, messageBeeFile, notice, tokenRequest } from './webhook.ts'

export type { Fields, SimulateOptions, Town } from './state.ts'
export type { Letter } from './webhook.ts'

export interface KohaCredentials {
  readonly clientId: string
  readonly clientSecret: string
}

export interface KohaSimulator extends Simulator<KohaCredentials> {
  /** What it holds, under the API's names, to be read and changed: the next call sees it. */
  readonly town: Pick<
    Town,
    'patrons' | 'loans' | 'holds' | 'biblios' | 'items' | 'libraries' | 'lines' | 'messages' | 'preferences'
  >
  patron(fields: Fields): Fields
  loan(fields: Fields): Fields
  hold(fields: Fields): Fields
  /** Something owed. */
  debit(fields: Fields): Fields
  /** The plugin asks for a token at its auth_url … */
  tokenRequest(url: string, clientId: string, clientSecret: string): Request
  /** … and posts a notice with it. A letter without `token` gets the one that was told by `useToken`. */
  webhook(letter: Letter | Json): Request
  useToken(token: string): void
  /** The text of the file that koha-plugin-message-bee makes of these. */
  messageBee(letters: readonly Omit<Letter, 'url'>[]): string
  /** Every call that it answered, oldest first. */
  calls(): readonly {
    readonly method: string
    readonly path: string
    readonly query: string
    readonly status: number
  }[]
  /** The next call that is such, `POST /api/v1/holds$`, goes wrong like this. */
  faultAt(fault: Fault, at: RegExp): void
  /** Called after each answer: what happens at the desk between two calls. */
  after(listener: (method: string, path: string) => void): void
}

/**
 * Koha's REST API on loopback, in two generations, written from its published descriptions and sources; what it assumes is
 * listed in the package's README. Some patrons, loans and holds are there from the start.
 */
export async function simulate(options: SimulateOptions = {}): Promise<KohaSimulator> {
  const clientId = options.clientId ?? '6f2d1c8e-prm'
  const clientSecret = options.clientSecret ?? 'b7c1f09a52d64e8e93ab'
  const state = town({ ...options, clientId, clientSecret })
  let token: string | undefined
  const server = createServer({ keepAliveTimeout: 60_000 }, serve(state))
  await new Promise<void>((done, fail) => {
    server.once('error', fail)
    server.listen(options.port ?? 0, '127.0.0.1', done)
  })
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: state.url,
    credentials: { clientId, clientSecret },
    town: state,
    patron: (fields) => addPatron(state, fields),
    loan: (fields) => addLoan(state, fields),
    hold: (fields) => addHold(state, fields),
    debit(fields) {
      const account_line_id = Number(fields.account_line_id ?? state.next++)
      const line = { date: '2026-11-10', description: null, amount: 0, ...fields, account_line_id }
      state.lines.set(account_line_id, line)
      return line
    },
    tokenRequest,
    webhook: (letter) => notice(state, { ...(token !== undefined && { token }), ...(letter as Letter) }),
    useToken(given) {
      token = given
    },
    messageBee: (letters) => messageBeeFile(state, letters),
    received: () => state.written.map(({ at, ...raw }) => ({ at, raw })),
    calls: () => state.calls,
    after: (listener) => void state.after.push(listener),
    fault(fault: Fault, times = 1) {
      if (fault === 'page-moved' || fault.endsWith('-reports')) throw new Error(`Koha has no ${fault}.`)
      for (let n = 0; n < times; n++) state.faults.push({ fault })
    },
    faultAt: (fault, at) => void state.faults.push({ fault, at }),
    async close() {
      const closed = new Promise((done) => server.close(done))
      server.closeAllConnections()
      await closed
    },
  }
}
