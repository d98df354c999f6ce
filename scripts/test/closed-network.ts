// Closes the network to the tests of a file: sockets (so fetch, undici, node:http, TLS, SMTP, database drivers), datagrams
// and look-ups of names reach this machine alone. What tries more gets an error, and its test fails by name even where
// the code under test swallows that error.
import dgram from 'node:dgram'
import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import { isIP, Socket } from 'node:net'
import { afterEach, expect } from 'vitest'

type Method = (this: unknown, ...args: unknown[]) => unknown
type Methods = { [name: string]: Method | undefined }

const loopback = /^(localhost|127(\.\d+){3}|::1|0\.0\.0\.0|::)$/
const closed: unique symbol = Symbol.for('prm.closed-network')
const process = globalThis as { [closed]?: string[] }

/** Every refusal since the last test that was not taken yet; one list a process, which several files may share. */
const refusals: string[] = process[closed] ?? []

/** Takes the refusals of this test so far: for a test that reaches out on purpose. */
export const takeRefusals = (): readonly string[] => refusals.splice(0)

function refuse(host: string): Error {
  const name = expect.getState().currentTestName ?? 'code outside a test'
  const message = `The network is closed to tests: "${name}" tried to reach ${host}, which is not this machine.`
  refusals.push(message)
  return Object.assign(new Error(message), { code: 'ENETUNREACH' })
}

function closeSockets(): void {
  const { connect } = Socket.prototype as unknown as { connect: Method }
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]): Socket {
    const [first, second] = args.flat()
    const host = typeof first === 'object' ? (first as { host?: unknown } | null)?.host : second
    if (typeof host !== 'string' || loopback.test(host)) return connect.apply(this, args) as Socket
    // As where no name server answers: whoever writes at once is told why it failed, and not that the socket is closed.
    const lookup = (_host: string, _options: object, done: (error: Error) => void): void => done(refusal)
    const refusal = refuse(host)
    const options = typeof first === 'object' ? first : { port: first }
    connect.call(
      this,
      { ...options, host: 'refused', lookup },
      ...args.flat().filter((arg) => typeof arg === 'function'),
    )
    return this
  } as Socket['connect']

  const { send } = dgram.Socket.prototype as unknown as { send: Method }
  dgram.Socket.prototype.send = function (this: dgram.Socket, ...args: unknown[]): void {
    const host = args.slice(1).findLast((arg) => typeof arg === 'string')
    if (host !== undefined && !loopback.test(host)) throw refuse(host)
    send.apply(this, args)
  }
}

/** Closes each method of an object that asks a name server: it calls back, or rejects where it gives a promise. */
function closeNames(object: object, promises: boolean): void {
  const methods = object as Methods
  for (const name of Object.getOwnPropertyNames(object).filter((name) => /^(lookup|resolve|reverse)/.test(name))) {
    const ask = methods[name]
    if (typeof ask !== 'function') continue
    methods[name] = function (...args) {
      const host = String(args[0])
      if (name === 'lookup' && (isIP(host) || loopback.test(host))) return ask.apply(this, args)
      const error = refuse(host)
      if (promises) return Promise.reject(error)
      const callback = args.at(-1)
      if (typeof callback === 'function') setImmediate(() => callback(error))
      return undefined
    }
  }
}

if (!process[closed]) {
  process[closed] = refusals
  closeSockets()
  closeNames(dns, false)
  closeNames(dns.Resolver.prototype, false)
  closeNames(dns.promises, true)
  closeNames(dns.promises.Resolver.prototype, true)
  syncBuiltinESMExports() // for `import { lookup } from 'node:dns'`
}

afterEach(() => {
  const [first] = takeRefusals()
  if (first !== undefined) throw new Error(first)
})
