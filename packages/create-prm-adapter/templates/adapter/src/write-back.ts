import { type Outcomes, PrmError } from '@prm/core/adapter'
import type { Client } from '@prm/kit'
import { wireTold } from './api.ts'

/** Tells Carrier Pigeon what became of its notices. A PUT: told twice, after a crash, is as good as once. */
export function outcomes(api: Client): Outcomes {
  return {
    async report(results, ctx) {
      for (const { origin, state, why, at } of results) {
        if (!origin) continue // it does not know this one by any name
        try {
          const path = `/notices/${encodeURIComponent(origin)}/outcome`
          await api.call({ method: 'PUT', path, json: { state, at, ...(why && { why }) } }, wireTold, ctx)
        } catch (error) {
          if (!(PrmError.is(error) && error.code === 'not_found')) throw error // gone there: nothing to tell
        }
      }
      return []
    },
  }
}
