// In: an interaction. Out: whether its message waits for it.
import { type Interaction, type Put, refId } from '../contract/index.ts'
import { type Engine, now, put, short } from '../runtime/index.ts'

/** The promise that the source of this fact hears what became of it. Written with the fact. */
export function awaited(engine: Engine, { source, key, origin }: Interaction): Put {
  const about = { source, key }
  // Each name that its source gives it in its books is to be told.
  return put('outcome', {
    id: short(`${refId(about)} ${origin ?? ''}`),
    about,
    ...(origin !== undefined && { origin }),
    at: now(engine),
  })
}
