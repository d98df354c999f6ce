import type { Interaction } from '../contract/interaction.ts'
import { refId } from '../contract/ref.ts'
import type { Put } from '../contract/store.ts'
import { type Engine, now } from '../runtime/engine.ts'
import { put } from '../runtime/lookup.ts'
import { short } from '../runtime/names.ts'

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
