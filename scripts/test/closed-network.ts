import { Socket } from 'node:net'

// Every client ends here: fetch, undici, SMTP, a database's driver.
const loopback = /^(localhost|127(\.\d+){3}|::1|0\.0\.0\.0|::)$/
type Connect = (this: Socket, ...args: unknown[]) => Socket
const connect = Socket.prototype.connect as Connect

Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
  const [first, second] = args.flat()
  const host = typeof first === 'object' ? (first as { host?: unknown } | null)?.host : second
  if (typeof host !== 'string' || loopback.test(host)) return connect.apply(this, args)
  const error = new Error(`The network is closed to tests: ${host} is not this machine.`)
  setImmediate(() => this.destroy(Object.assign(error, { code: 'ENETUNREACH' }))) // once its client listens
  return this
} as Connect as Socket['connect']
