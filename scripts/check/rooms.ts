import { dirname, posix } from 'node:path'

/**
 * The folders of `packages/core/src`, in the order of the data: each imports only from itself and from those above it. `index.ts`,
 * `adapter.ts` and `testing.ts` beside them are what hosts, adapters and tests import.
 */
export const rooms: readonly string[] = [
  'contract',
  'time',
  'runtime',
  'ingest',
  'schedule',
  'decide',
  'send',
  'deliver',
  'conversation',
  'flow',
  'privacy',
  'host',
]

/** Begins a whole host, since it compares decisions in a store of its own. */
const startsHost = 'host/what-if.ts'
/** Lines of the comment that an `index.ts` of a folder begins with: what comes in, what goes out, what it promises. */
const mostLines = 5

export interface RoomFile {
  /** Below `packages/core/src`: `send/send.ts`. */
  readonly name: string
  readonly text: string
  /** As they are written: `../contract/send.ts`. */
  readonly imports: readonly string[]
}

/** Says where a folder is unknown, imports against the order, or does not say what it is for. */
export function roomsWrong(files: readonly RoomFile[], order: readonly string[] = rooms): readonly string[] {
  const roomOf = (name: string): string => (name.includes('/') ? name.slice(0, name.indexOf('/')) : '')
  const names = new Set(files.map(({ name }) => roomOf(name)).filter(Boolean))
  return [
    ...order.filter((room) => !names.has(room)).map((room) => `${room}: there is no such folder`),
    ...[...names]
      .filter((name) => !order.includes(name))
      .map((name) => `${name}: has no place in the order of folders`),
    ...files.flatMap(({ name, imports }) => {
      const room = roomOf(name)
      if (!order.includes(room) || name === startsHost) return []
      const allowed = order.slice(0, order.indexOf(room) + 1)
      return imports
        .map((from) => posix.join(dirname(name), from))
        .filter((to) => !allowed.includes(roomOf(to)))
        .map((to) => `${name} imports ${to}: ${room} may import from ${allowed.join(', ')}`)
    }),
    ...files.flatMap(({ name, text }) => {
      if (!/^[^/]+\/index\.ts$/.test(name)) return []
      const head = text.split('\n').findIndex((line) => !line.startsWith('//'))
      if (head === 0) return [`${name} does not begin with a comment that says what the folder is for`]
      return head > mostLines ? [`${name} begins with a comment of ${head} lines, more than ${mostLines}`] : []
    }),
  ]
}
