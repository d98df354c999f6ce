import pg from 'pg'

/** What befalls the statements of a connection by its `application_name`: `cut` ends the connection, as the server does. */
const struck = new Map<string, { strikes(): boolean; cut?: (pid: number) => Promise<void> }>()
let count = 0

/** Makes a url by which connections are struck: a statement fails without having been run, or its connection is gone before or after it. */
export function strike(url: string, strikes: () => boolean, cut?: (pid: number) => Promise<void>): string {
  const name = `struck${count++}`
  struck.set(name, { strikes, ...(cut ? { cut } : {}) })
  return `${url}?application_name=${name}`
}

interface Connection extends pg.Client {
  readonly processID: number
  readonly connectionParameters: { readonly application_name: string }
}

const send = pg.Client.prototype.query as (this: unknown, ...args: unknown[]) => unknown
function query(this: Connection, ...args: unknown[]): unknown {
  const mine = struck.get(this.connectionParameters.application_name)
  return mine ? befall(this, mine, args) : send.apply(this, args)
}
pg.Client.prototype.query = query as typeof pg.Client.prototype.query

type Struck = NonNullable<ReturnType<typeof struck.get>>

async function befall(connection: Connection, { strikes, cut }: Struck, args: unknown[]): Promise<unknown> {
  async function lose(): Promise<void> {
    const gone = new Promise((resolve) => connection.once('end', resolve))
    await cut?.(connection.processID)
    await gone
  }
  if (strikes()) {
    // https://www.postgresql.org/docs/current/errcodes-appendix.html
    if (!cut) throw Object.assign(new Error('out of memory'), { code: '53200', severity: 'ERROR' })
    await lose()
  }
  const answer = await send.apply(connection, args)
  if (!cut || !strikes()) return answer
  await lose()
  throw new Error('Connection terminated unexpectedly')
}
