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
