import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Interaction } from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
import { simulate } from '@prm/twilio/simulator'
import { expect, test } from 'vitest'
import { phone } from './town.ts'

const worker = fileURLToPath(new URL('./worker.ts', import.meta.url))

function run(
  told: object,
): Promise<{ readonly out: string; readonly signal: string | null; readonly code: number | null }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--conditions=@prm/source', worker, JSON.stringify(told)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let out = ''
    child.stdout.on('data', (chunk) => {
      out += chunk
    })
    child.on('close', (code, signal) => resolve({ out, code, signal }))
  })
}

/** Two holds are told, a text asks about one, "2" says which, staff claim, answer and close. */
async function story(dieAt: number): Promise<{ readonly points: number; readonly killed: boolean }> {
  const folder = mkdtempSync(join(tmpdir(), 'prm-inbox-'))
  const provider = await simulate({ webhookUrl: 'https://library.example/prm/sms' })
  try {
    const texts = await Promise.all(
      ['can my wife collect it?', '2'].map(async (body) => {
        const request = provider.webhook({ from: phone, body })
        return { url: request.url, headers: Object.fromEntries(request.headers), body: await request.text() }
      }),
    )
    const told = { file: join(folder, 'store.db'), baseUrl: provider.url, credentials: provider.credentials, texts }
    const first = await run({ ...told, dieAt })
    const { out, code } = first.signal === 'SIGKILL' ? await run({ ...told, dieAt: 0 }) : first
    expect([dieAt, code]).toEqual([dieAt, 0])
    expect([dieAt, provider.received().map(({ text }) => text)]).toEqual([
      dieAt,
      [
        'Ready at MAIN.',
        'Ready at EAST.',
        expect.stringMatching(/^Which is this about/),
        'Thank you, a librarian reads this.',
        'Yes, with your card.',
      ],
    ])
    const store = sqlite({ file: told.file })
    const facts: Interaction[] = []
    const scope = store.scope('springfield')
    for (const type of await scope.types())
      for await (const fact of scope.find('interaction', { type })) facts.push(fact)
    await store.close()
    expect([
      dieAt,
      facts
        .map(({ type }) => type)
        .filter((type) => !type.startsWith('message.delivery'))
        .sort(),
    ]).toEqual([
      dieAt,
      [
        'inbox.bound',
        'inbox.claimed',
        'inbox.closed',
        'inbox.opened',
        'inbox.opened',
        'message.received',
        'message.received',
        'notice',
        'notice',
      ],
    ])
    return { points: Number(/points (\d+)/.exec(out)?.[1]), killed: first.signal === 'SIGKILL' }
  } finally {
    await provider.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

test('a flow killed between any two steps resumes without repeating, and a reply during a restart is answered once', {
  timeout: 600_000,
}, async () => {
  const { points } = await story(0)
  expect(points).toBeGreaterThan(20)
  // Each point is a host that starts twice: a dozen of them, over all of it, unless all are asked for.
  const every = process.env.PRM_EVERY_POINT ? 1 : Math.ceil(points / 12)
  const dieAt = Array.from({ length: Math.floor(points / every) }, (_, index) => 1 + index * every)
  const all = dieAt.length
  let killed = 0
  const next = async (): Promise<void> => {
    for (let at = dieAt.shift(); at !== undefined; at = dieAt.shift()) if ((await story(at)).killed) killed++
  }
  await Promise.all([next(), next(), next()])
  expect(killed).toBeGreaterThan(all * 0.8)
})
