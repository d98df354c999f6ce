import { connect, type Socket } from 'node:net'

/** A client that says exactly what it is told, and remembers each answer. */
export interface Talk {
  readonly socket: Socket
  /** Sends one line and answers what came back, all lines of it. */
  say(line: string): Promise<string>
  /** Bytes without waiting for an answer. */
  write(bytes: string | Buffer): Promise<void>
  answer(): Promise<string>
  readonly closed: Promise<void>
  end(): void
}

/** From an address of this machine: all of 127.0.0.0/8 is, on Linux. */
export async function talk(port: number, localAddress = '127.0.0.1'): Promise<Talk & { readonly greeting: string }> {
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  let text = ''
  let wake = (): void => undefined
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    text += chunk
    wake()
  })
  socket.on('error', () => undefined)
  const closed = new Promise<void>((done) => socket.once('close', () => done()))
  socket.once('close', () => wake())
  const answer = async (): Promise<string> => {
    for (;;) {
      const whole = /^(?:\d{3}-[^\n]*\r?\n)*\d{3} [^\n]*\r?\n/.exec(text)?.[0]
      if (whole) {
        text = text.slice(whole.length)
        return whole.trim()
      }
      if (socket.closed) return 'closed'
      await new Promise<void>((done) => {
        wake = done
      })
    }
  }
  const write = (bytes: string | Buffer): Promise<void> =>
    new Promise((done) => {
      if (socket.destroyed) return done()
      socket.write(bytes, () => done())
    })
  const say = async (line: string): Promise<string> => {
    await write(`${line}\r\n`)
    return answer()
  }
  return { socket, say, write, answer, closed, end: () => socket.destroy(), greeting: await answer() }
}
