import { PrmError, type WriteBack } from '@prm/core/adapter'
import type { Client } from '@prm/kit'
import { wireTold } from './api.ts'

/** Tells Carrier Pigeon what became of its notices. A PUT: told twice, after a crash, is as good as once. */
export function writeBack(api: Client): WriteBack {
  return {
    async report(results, ctx) {
      for (const { origin, state, reason, at } of results) {
        if (!origin) continue // it does not know this one by any name
        try {
          const path = `/notices/${encodeURIComponent(origin)}/outcome`
          await api.call({ method: 'PUT', path, json: { state, at, ...(reason && { why: reason }) } }, wireTold, ctx)
        } catch (error) {
          if (!(PrmError.is(error) && error.code === 'not_found')) throw error // gone there: nothing to tell
        }
      }
      return []
    },
  }
}
