import { startServer } from '../../stores/postgres/test/server.ts'
import type { Contend } from './place.ts'

/** A PostgreSQL of its own, as those of the store's tests are, but with fsync. Ready with its URL, or with why there is none. */
export const contend: Contend<object, object> = async (_, life) => {
  const server = await startServer({ fsync: true })
  if (typeof server === 'string') await life.ready({ why: server })
  else {
    await life.ready({ url: server.url })
    await server.remove()
  }
  return {}
}

export type Ready = { readonly url: string; readonly why?: never } | { readonly why: string; readonly url?: never }
