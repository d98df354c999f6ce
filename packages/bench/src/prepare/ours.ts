import { statSync } from 'node:fs'
import { host, sendOf } from '../ours.ts'
import type { Contend } from '../place.ts'
import { read } from './input.ts'

export interface Task {
  readonly input: string
  readonly store: string
}
export interface Prepared {
  readonly seconds: number
  readonly rows: number
  readonly storeBytes: number
}

/** NDJSON through `sendAll`: decided, rendered and stored when it ends. */
export const contend: Contend<Task, Prepared> = async ({ input, store: file }) => {
  const { prm } = host(file)
  async function* sends() {
    for await (const { recipient, e164 } of read(input)) yield sendOf(recipient, e164)
  }
  const began = performance.now()
  let rows = 0
  for await (const { outcome } of prm.sendAll(sends())) if (outcome.send) rows++
  const seconds = (performance.now() - began) / 1_000
  await prm.close()
  return { seconds, rows, storeBytes: statSync(file).size }
}
