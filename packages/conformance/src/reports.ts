import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Fault, Interaction } from '@prm/core/adapter'
import { createRequestListener } from '@remix-run/node-fetch-server'
import { outbound } from './channel.ts'
import { type Rig, Skip } from './checks.ts'
import { checkFacts, keysOf } from './interactions.ts'
import { type Letter, letterOf, receive } from './letter.ts'
import { pause, until, within } from './rig.ts'

/** What the vendor reports of a message twice is one fact, and every report says which message it is of. */
export async function reported(rig: Rig, fault: Fault): Promise<void> {
  rig.fault(fault)
  const door = await listen()
  try {
    const adapter = rig.make()
    const ctx = rig.context({ publicUrl: door.url })
    const message = outbound(rig)
    assert(adapter.channel)
    const { id } = await within(adapter.channel.send(message, ctx))
    if (!(await until(() => door.letters.length > 0))) throw new Skip('the simulator posts no reports')
    for (let seen = 0; seen < door.letters.length; await pause(100)) seen = door.letters.length
    const told = new Map<string, readonly string[]>()
    const all: string[] = []
    for (const letter of door.letters) {
      const facts = await receive(adapter, letter, ctx)
      await checkFacts(facts, adapter, ctx.id)
      for (const fact of facts) assert(names(fact, message.key, id), 'a report names its message')
      const body = `${letter.url} ${new TextDecoder().decode(letter.body)}`
      assert.deepEqual(keysOf(facts), told.get(body) ?? keysOf(facts), 'a report that comes twice is the same facts')
      told.set(body, keysOf(facts))
      all.push(...keysOf(facts))
    }
    // Byte by byte the same, or with a count of attempts in it: each came twice, or each once.
    const times = fault === 'duplicate-report' ? 2 : 1
    assert.equal(new Set(all).size * times, all.length, 'a report is one fact, however often it comes')
  } finally {
    await door.close()
  }
}

/** By our own key, or by the vendor's id. */
function names({ about, data }: Interaction, key: string, id: string | undefined): boolean {
  const providerId = typeof data === 'object' && data && 'providerId' in data ? data.providerId : undefined
  return about ? about.source === 'prm' && about.key === key : providerId !== undefined && providerId === id
}

/** A public URL as far as a simulator on this machine can see. */
async function listen(): Promise<{ url: string; letters: readonly Letter[]; close(): Promise<void> }> {
  const letters: Letter[] = []
  const listener = createRequestListener(async (request) => {
    letters.push(await letterOf(request))
    return new Response(null, { status: 204 })
  })
  const server = createServer(listener)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/prm/conformance`,
    letters,
    async close() {
      server.close().closeAllConnections()
    },
  }
}
