import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sqlite } from '@prm/store-sqlite'
import { expect, test } from 'vitest'

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

/** A network that takes an answer and, where it `hangs`, never says so. */
async function network(hangs: boolean) {
  const answers: { id: string; key: string; text: string }[] = []
  const server = createServer(async (asked, answer) => {
    if (asked.method === 'GET') return void answer.end(JSON.stringify(answers))
    let body = ''
    for await (const chunk of asked) body += chunk
    answers.push({ id: `ours-${answers.length + 1}`, ...JSON.parse(body) })
    if (!hangs) answer.end(JSON.stringify(answers.at(-1)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = (): void => {
    server.closeAllConnections()
    server.close()
  }
  return { url: `http://127.0.0.1:${port}`, answers, close }
}

/** One mention, from the feed to its answer. */
async function story(dieAt: number, hangs: boolean): Promise<{ readonly points: number; readonly killed: boolean }> {
  const folder = mkdtempSync(join(tmpdir(), 'prm-listening-'))
  const { url, answers, close } = await network(hangs)
  try {
    const told = { file: join(folder, 'store.db'), baseUrl: url, later: 0 }
    const first = await run({ ...told, dieAt })
    const { out, code } = first.signal === 'SIGKILL' ? await run({ ...told, dieAt: 0, later: 3_600_000 }) : first
    expect([dieAt, code]).toEqual([dieAt, 0])
    expect([dieAt, answers.map(({ text }) => text)]).toEqual([dieAt, ['We are on it.']])
    const store = sqlite({ file: told.file })
    const types: string[] = []
    const scope = store.scope('alder')
    for (const known of await scope.types())
      for await (const { type } of scope.find('interaction', { type: known })) types.push(type)
    await store.close()
    expect([dieAt, types.sort()]).toEqual([
      dieAt,
      ['approved', 'decided', 'drafted', 'heard', 'posted', 'scored']
        .map((one) => `listening.${one}`)
        .concat('mention.seen'),
    ])
    return { points: Number(/points (\d+)/.exec(out)?.[1]), killed: first.signal === 'SIGKILL' }
  } finally {
    close()
    rmSync(folder, { recursive: true, force: true })
  }
}

test('killed at any point, nothing is lost and the answer is posted once', { timeout: 300_000 }, async () => {
  const { points } = await story(0, false)
  expect(points).toBeGreaterThan(20)
  // Each point is a host that starts twice: half a dozen of them, over all of it, unless all are asked for.
  const every = process.env.PRM_EVERY_POINT ? 1 : Math.ceil(points / 6)
  let killed = 0
  let all = 0
  for (let at = 3; at <= points; at += every, all++) if ((await story(at, false)).killed) killed++
  expect(killed).toBeGreaterThan(all * 0.8)
})

test('a network that takes the answer and never says so has it once', { timeout: 60_000 }, async () => {
  expect((await story(0, true)).killed).toBe(false)
})
