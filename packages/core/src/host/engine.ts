// In: the checked options of a host. Out: the `Engine` that every room is handed. Promise: what the store is asked once a process
// is asked again only where it failed.

import { randomBytes } from 'node:crypto'
import type { EventEmitter } from 'eventemitter3'
import {
  type Json,
  messageDelivery,
  messageReceived,
  notice,
  PrmError,
  type PrmEvents,
  rejectedInteraction,
  type Scope,
  type Shared,
} from '../contract/index.ts'
import { noteGap } from '../deliver/index.ts'
import { type Engine, hash, put, seal, sealed, typesOf, type Written } from '../runtime/index.ts'

export type Listeners = EventEmitter<{ [K in keyof PrmEvents]: [PrmEvents[K]] }>

export function engineOf(options: Written, listeners: Listeners): Engine {
  const { adapters, library, store } = options
  const shared = sharedOf(options)
  const sharedId = hash(JSON.stringify(shared))
  const scope = store.scope(library.id)
  const now = (): Date => options.now?.() ?? new Date()
  const secret = once(() => secretOf(scope, options.pseudonymKey))
  const gaps = once(() => noteGap(engine))
  const row = { id: sharedId, value: shared as unknown as Json }
  const share = once(async () => {
    await gaps()
    return scope.commit([{ ifAbsent: [{ kind: 'shared', id: sharedId }], put: [put('shared', row)] }])
  })
  const engine: Engine = {
    options,
    scope,
    shared,
    sharedId,
    share,
    secret,
    sealed: sealedOf(scope, secret),
    gaps,
    types: typesOf([
      messageReceived,
      messageDelivery,
      notice,
      rejectedInteraction,
      ...(options.events ?? []),
      ...Object.values(adapters).flatMap((adapter) => adapter.emits),
    ]),
    kept: new Set(),
    flows: new Map(),
    paused: new Map(),
    silent: new Map(),
    down: new Set(),
    fresh: new Map(),
    senders: new Map(),
    lines: new Map(),
    bodies: { bytes: 0 },
    began: now().getTime(),
    now,
    emit(event, value) {
      for (const listener of listeners.listeners(event) as ((value: unknown) => unknown)[])
        new Promise((resolve) => resolve(listener(value))).catch((error: unknown) =>
          options.log?.('error', 'A listener threw.', { event, error: nameOf(error) }),
        )
    },
    context: (id, signal) => ({
      id,
      library: library.id,
      ...(options.publicUrl && { publicUrl: `${options.publicUrl.replace(/\/$/, '')}/${id}` }),
      signal,
      now: () => engine.now(),
      log: (level, message, data = {}) => options.log?.(level, message, { adapter: id, ...data }),
    }),
  }
  return engine
}

/** Asks once and remembers the answer; a failure is forgotten. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined
  return () => {
    asked ??= ask()
    asked.catch(() => {
      asked = undefined
    })
    return asked
  }
}

/** The host's key, or one that the store makes for itself: whoever comes first makes it. */
async function secretOf(scope: Scope, given: string | undefined): Promise<string> {
  if (given === undefined) {
    const row = { id: 'secret', value: randomBytes(32).toString('base64url') }
    await scope.commit([{ ifAbsent: [{ kind: 'shared', id: row.id }], put: [put('shared', row)] }])
  }
  return given ?? String((await scope.get('shared', 'secret'))?.value.value)
}

/** The key of what stays of erased addresses, once it is known to be the one that they were made with. */
function sealedOf(scope: Scope, secret: () => Promise<string>): Engine['sealed'] {
  let matched = false
  return async () => {
    if (!matched) {
      const there = (await scope.get('shared', sealed))?.value.value
      if (there === undefined) return undefined
      if (there !== seal(await secret()).value) throw otherSecret()
      matched = true
    }
    return secret()
  }
}

/** No erased refusal would be found again, so nothing is decided. */
function otherSecret(): PrmError {
  return new PrmError(
    'config',
    "createPrm: pseudonymKey is not the one that this store's erased refusals were made with. Give that one, or they hold no more.",
    { field: 'pseudonymKey' },
  )
}

export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown'
}

function sharedOf({ library, purposes, adapters }: Written): Shared {
  const channels = Object.entries(adapters).flatMap(([id, { channel }]) => {
    if (!channel) return []
    const from = channel.senders?.[0]?.address
    return [{ id, medium: channel.medium, schemes: channel.schemes, exposure: channel.exposure, ...(from && { from }) }]
  })
  // Through JSON, so that what decides is exactly what is stored and decided from again.
  return JSON.parse(JSON.stringify({ library, purposes, channels })) as Shared
}
