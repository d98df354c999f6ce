import { messageReceived } from '@prm/core'
import { createRequestListener } from '@remix-run/node-fetch-server'
import { host } from '../ours.ts'
import type { Contend } from '../place.ts'
import { publicUrl, type Served, serve, type Task } from './serve.ts'

/** `handle` behind node:http, as docs/guides/mounting.md has it, with a flow that each text is promised to. */
export const contend: Contend<Task, Served> = async ({ file }, life) => {
  const { prm, store } = host(file, { url: publicUrl.slice(0, -'/sms'.length) })
  let stored = 0
  prm.on('recorded', () => void stored++)
  prm.flow('replies', messageReceived, async () => {})
  await prm.run({ once: true, deliver: false })
  const before = store.transactions
  await serve(
    createRequestListener((request) => prm.handle(request)),
    life,
  )
  const commits = store.transactions - before
  await prm.close()
  return { stored, commits }
}
