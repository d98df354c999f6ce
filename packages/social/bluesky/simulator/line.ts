import { createHash } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { Asked } from '@prm/kit/simulator'

/** The server's end of a WebSocket (RFC 6455), which only speaks. */
export interface Line {
  send(text: string): void
  end(code: number, reason: string): void
  /** Breaks off without a word. */
  drop(): void
  readonly open: boolean
}

export function lineTo({ headers }: Pick<Asked, 'headers'>, socket: Duplex): Line {
  const frame = (opcode: number, body: Buffer): void => {
    if (!socket.writable) return
    const size = body.byteLength
    const head = Buffer.from([0x80 | opcode, size < 126 ? size : size < 65_536 ? 126 : 127])
    const more = Buffer.alloc(size < 126 ? 0 : size < 65_536 ? 2 : 8)
    if (more.length === 2) more.writeUInt16BE(size)
    if (more.length === 8) more.writeBigUInt64BE(BigInt(size))
    socket.write(Buffer.concat([head, more, body]))
  }
  const end = (code: number, reason: string): void => {
    const body = Buffer.alloc(2 + Buffer.byteLength(reason))
    body.writeUInt16BE(code)
    body.write(reason, 2)
    frame(8, body)
    socket.end()
  }
  const key = `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
  const accept = createHash('sha1').update(key).digest('base64')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
  )
  // All that a client says here is that it goes.
  socket.on('data', (chunk: Buffer) => ((chunk[0] ?? 0) & 15) === 8 && end(1000, ''))
  return {
    send: (text) => frame(1, Buffer.from(text)),
    end,
    drop: () => socket.destroy(),
    get open() {
      return socket.writable
    },
  }
}

export function refuse(socket: Duplex): void {
  socket.end('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n')
}
