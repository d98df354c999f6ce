// In: adapters, a store, a library, purposes and templates. Out: one host. Promise: what is wrong with them is said before any call.

import { EventEmitter } from 'eventemitter3'
import type { Adapters, Options, Prm } from '../contract/index.ts'
import { refuseTelling, viaOf } from '../send/index.ts'
import { callsAs, nobodyNamed } from './calls.ts'
import { engineOf, type Listeners } from './engine.ts'
import { checked } from './options.ts'

/** Composes adapters, store, purposes and templates into one host. Throws `config` naming the field, before any call. */
export function createPrm<
  const A extends Adapters,
  const U extends string,
  const T extends string = never,
  const R extends string = never,
>(options: Options<A, U, T, R>): Prm<A, U, T, R> {
  // Inside, the names of adapters, purposes and templates are plain texts.
  const general = checked(options as unknown as Options<Adapters, string, string, string>)
  const listeners: Listeners = new EventEmitter()
  const engine = engineOf(general, listeners)
  for (const [name, template] of Object.entries(general.templates ?? {}))
    for (const [id, { channel }] of Object.entries(general.adapters))
      if (channel && general.library.showTitles !== 'everywhere')
        refuseTelling(name, template, viaOf(engine, id, channel, general.library.locale))
  const host = {
    engine,
    options: options as unknown as Prm['options'],
    listeners,
    pulls: new Map(),
    stop: new AbortController(),
    works: new Set<Promise<unknown>>(),
  }
  return callsAs(host, nobodyNamed) as unknown as Prm<A, U, T, R>
}
