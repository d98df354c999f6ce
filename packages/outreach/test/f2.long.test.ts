import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createPrm } from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
import { twilio } from '@prm/twilio'
import { afterEach, describe, expect, test } from 'vitest'
import { csv, csvLine, outreach, type Run, type RunOptions } from '../src/index.ts'
import { bytes, header, key, library, noon, patron, phoneOf, type Town, text, town } from './town.ts'
import type { Told } from './worker.ts'

// Each line of flow F2, by its own words.

let here: Town
afterEach(() => here.close())

const many = (count: number, more: (n: number) => Parameters<typeof patron>[1] = () => ({})): string =>
  Array.from({ length: count }, (_, n) => patron(n, more(n))).join('\n')

async function approved(list: string, more: Parameters<Town['order']>[1] = {}): Promise<string> {
  const file = here.file()
  await here.bulk.plan(here.order(list, more), { out: file })
  await here.bulk.approve(file, { by: 'Bea Second' })
  return file
}
const now: RunOptions = { once: true, canary: { watch: '0ms' } }

/** How many texts went to each number. */
function texts(): ReadonlyMap<string, number> {
  const count = new Map<string, number>()
  for (const { to } of here.provider.messages()) count.set(String(to), (count.get(String(to)) ?? 0) + 1)
  return count
}

// ── a run in a process of its own ────────────────────────────────────────────────────────────
const worker = fileURLToPath(new URL('./worker.ts', import.meta.url))
const always = { ...library, quietHours: { from: '03:00', to: '03:01' } }

interface Child {
  readonly done: Promise<{ readonly run?: Run; readonly signal: string | null; readonly code: number | null }>
  kill(signal?: NodeJS.Signals): void
}
function child(plan: string, options: RunOptions = {}, store = here.file('store.db')): Child {
  const { provider } = here
  const told: Told = {
    store,
    plan,
    key,
    library: always,
    baseUrl: provider.url,
    credentials: provider.credentials,
    options: { canary: { size: 20, watch: '0ms' }, ...options },
  }
  const one = spawn(process.execPath, ['--conditions=@prm/source', worker, JSON.stringify(told)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  one.stdout.on('data', (chunk) => {
    out += chunk
  })
  return {
    done: new Promise((resolve) =>
      one.on('close', (code, signal) => resolve({ code, signal, ...(out && { run: JSON.parse(out) as Run }) })),
    ),
    kill: (signal = 'SIGKILL') => void one.kill(signal),
  }
}

/** A plan on the real clock and a store file, for processes of their own. */
async function onDisk(list: string): Promise<string> {
  const { provider } = here
  const store = sqlite({ file: here.file('store.db') })
  const prm = createPrm({
    library: always,
    store,
    adapters: {
      sms: twilio({ ...provider.credentials, baseUrl: provider.url, price: { micros: 7_900, currency: 'USD' } }),
    },
    purposes: { news: { basis: 'consent', class: 'promotional' } },
  })
  const bulk = outreach({ prm, store, library: always, key })
  const file = here.file()
  await bulk.plan(here.order(list), { out: file })
  await bulk.approve(file, { by: 'Bea Second' })
  await prm.close()
  return file
}

async function until(so: () => boolean, ms = 60_000): Promise<void> {
  for (const end = performance.now() + ms; !so(); await sleep(5))
    if (performance.now() > end) throw new Error('It never came to that.')
}

describe('success', () => {
  test('100,000 = sent + excluded + failed', async () => {
    here = await town()
    const list = [
      many(500, (n) => ({
        ...(n % 10 === 1 && { consent: 'no' }),
        ...(n % 10 === 2 && { consent: '' }),
        ...(n % 10 === 3 && { birthdate: '2015-01-01' }),
        ...(n % 10 === 4 && { expires: '2020-01-01' }),
        ...(n % 10 === 5 && { phone: '' }),
        ...(n % 10 === 6 && { phone: phoneOf(n - 6) }),
      })),
      patron(901, { phone: 'none of your business' }),
    ].join('\n')
    const file = await approved(list, { holdout: { share: 0.2, seed: 'spring' } })
    here.provider.refuse(phoneOf(7), 21614)
    here.provider.refuse(phoneOf(17), 21610)
    const { plan } = await here.bulk.show(file)
    expect(plan.summary.excluded).toMatchObject({
      'opted-out': 50,
      'no-consent': 50,
      minor: 50,
      'expired-card': 50,
      'no-address': 50,
      'duplicate-address': 50,
    })
    const { rows, included, excluded, bad } = plan.summary
    const out = Object.values(excluded).reduce((a, b) => a + b, 0)
    expect([rows, bad, included + out + bad]).toEqual([501, 1, rows])
    const { summary } = await here.bulk.run(file, now)
    expect(summary.failed).toBeGreaterThan(0)
    expect(summary.sent + summary.failed + summary.excluded).toBe(rows - bad)
    expect(summary.waiting).toBe(0)
    expect(here.provider.messages()).toHaveLength(summary.sent)
    const { outcomes } = await here.bulk.report(file)
    expect(outcomes.reduce((sum, { people }) => sum + people, 0)).toBe(rows)
  })

  test('no duplicates, no losses under 1,000 random kills (N5)', async () => {
    // A few here; `npm run crash -- --mode outreach --kills 1000` does the rest.
    here = await town()
    const count = 400
    const file = await onDisk(many(count))
    for (let kill = 0; kill < 6; kill++) {
      const one = child(file)
      const before = here.provider.messages().length
      await until(() => here.provider.messages().length >= before + 25)
      one.kill()
      expect((await one.done).signal).toBe('SIGKILL')
    }
    expect(here.provider.messages().length).toBeLessThan(count)
    const { run } = await child(file).done
    expect(run?.state.standing).toBe('done')
    expect(run?.summary).toMatchObject({ sent: count, failed: 0, waiting: 0, excluded: 0 })
    expect([...texts().values()].filter((times) => times !== 1)).toEqual([])
    expect(texts().size).toBe(count)
  }, 120_000)

  test('a stop in the middle, with a kill -9 beside it: what went is told as gone, the rest as cancelled or waiting', async () => {
    here = await town({ simulate: { latencyMs: 100, price: { micros: 7_900, currency: 'USD' } } })
    const { provider } = here
    const count = 400
    const file = await onDisk(many(count))
    const store = sqlite({ file: here.file('store.db'), lease: '1s', poll: '50ms' })
    const sms = twilio({ ...provider.credentials, baseUrl: provider.url, price: { micros: 7_900, currency: 'USD' } })
    const prm = createPrm({
      library: always,
      store,
      adapters: { sms: { ...sms, channel: { ...sms.channel, limits: { ...sms.channel.limits, visibleAfter: '1s' } } } },
      purposes: { news: { basis: 'consent', class: 'promotional', onUnknownOutcome: 'resend' } },
    })
    try {
      const bulk = outreach({ prm, store, library: always, key })
      const one = child(file)
      await until(() => provider.messages().length >= 60)
      const stopping = bulk.stop(file, { why: 'a typo' })
      one.kill()
      await one.done
      let stopped = await stopping
      // A worker, whichever, finds out what became of what was under way.
      for (const end = performance.now() + 60_000; stopped.underWay > 0 && performance.now() < end; await sleep(300)) {
        await prm.run({ once: true })
        stopped = await bulk.stop(file, { why: 'a typo' })
      }
      const { gone, cancelled, underWay, waiting } = stopped
      expect([gone, underWay, gone + cancelled + waiting]).toEqual([provider.messages().length, 0, count])
      expect(cancelled).toBeGreaterThan(0)
      await until(() => provider.messages().every(({ price }) => price !== null)) // once it has left the queue
      const report = await bulk.report(file)
      expect(report.outcomes.reduce((sum, { people }) => sum + people, 0)).toBe(count)
      expect(report.summary).toMatchObject({ sent: gone, cancelled, waiting, failed: 0, excluded: 0 })
      const bill = await bulk.reconcile(file)
      expect([bill.differences, bill.bill[0]?.micros, bill.equal]).toEqual([[], gone * 7_900, true])
      await bulk.resume(file)
      expect((await child(file).done).run?.summary).toMatchObject({ sent: count, failed: 0, waiting: 0, excluded: 0 })
      expect([texts().size, provider.messages().length]).toEqual([count, count])
    } finally {
      await prm.close()
    }
  }, 120_000)

  test('bill equals plan ± provider rounding', async () => {
    here = await town({ simulate: { price: { micros: 7_900, currency: 'USD' } } })
    const file = await approved(many(120), {
      templates: [{ text: `{{ library }}: {{ name }}${' and so on'.repeat(16)}` }],
    })
    await here.bulk.run(file, now)
    await here.prm.settled()
    const bill = await here.bulk.reconcile(file)
    expect(bill.differences).toEqual([])
    expect(bill).toMatchObject({ equal: true, planned: [{ currency: 'USD', micros: 120 * 2 * 7_900, minor: 190 }] })
    expect([bill.sent, bill.bill]).toEqual([bill.planned, bill.planned])
  })

  test('opt-outs during the run take effect at once', async () => {
    here = await town({ twilio: { rate: { perSecond: 1 } } })
    const file = await approved(many(10))
    await here.bulk.run(file, { ...now, canary: { size: 2, watch: '10s' } })
    const before = here.provider.messages().length
    expect(before).toBeLessThan(10)
    await here.prm.recordConsent({
      address: { scheme: 'tel', value: phoneOf(9) },
      purpose: '*',
      state: 'denied',
      basis: 'stop',
    })
    let run: Run | undefined
    for (let turn = 0; turn < 20 && run?.state.standing !== 'done'; turn++) {
      await here.prm.advance('10s')
      run = await here.bulk.run(file, now)
    }
    expect(run?.summary).toMatchObject({ sent: 9, excluded: 1, failed: 0, waiting: 0 })
    expect(texts().has(phoneOf(9))).toBe(false)
  })
})

describe('failures', () => {
  test('CSV with BOM, mixed encodings, formula-injection cells', async () => {
    here = await town()
    const file = here.file()
    const raw = Buffer.concat([
      Buffer.from(`\ufeff${header}\n${patron(1, { name: 'Zoë' })}\n`),
      Buffer.from(`${patron(2, { name: 'Zoë' })}\n`, 'latin1'),
      Buffer.from(csvLine(patron(3, { name: '=cmd|calc' }).split(','))),
      Buffer.from(csvLine(patron(4, { phone: '=1+1' }).split(','))),
    ])
    const plan = await here.bulk.plan(here.order(csv(bytes(raw))), { out: file })
    expect(plan.samples.map(({ content }) => content.text.split(',')[0])).toEqual([
      'Springfield Library: Zoë',
      'Springfield Library: Zoë',
      "Springfield Library: '=cmd|calc",
    ])
    expect(plan.bad).toEqual([{ line: 5, id: '1004', field: 'phone', why: expect.stringContaining('not a number') }])
    const list = here.file('mend.csv')
    await here.bulk.health(csv(text(header, '"=1+1",x,12,,,,,,,,yes')), { purpose: 'news', via: ['sms'], out: list })
    expect(readFileSync(list, 'utf8')).toContain(`2,"'=1+1",bad,phone`)
  })

  test('data drift between plan and run', async () => {
    here = await town()
    const file = await approved(many(50))
    for (let n = 0; n < 5; n++)
      await here.prm.recordConsent({
        address: { scheme: 'tel', value: phoneOf(n) },
        purpose: '*',
        state: 'denied',
        basis: 'stop',
      })
    const refused = here.bulk.run(file, now)
    await expect(refused).rejects.toMatchObject({ code: 'conflict' })
    await expect(refused).rejects.toThrow(
      /5 of 50 would now be decided otherwise[\s\S]*line 2: was to be written to by sms, is now not: asked to stop/,
    )
    expect(here.provider.messages()).toEqual([])
    // Within what the host allows it goes, and who opted out is left out.
    const { summary } = await here.bulk.run(file, { ...now, tolerance: 0.1 })
    expect(summary).toMatchObject({ sent: 45, excluded: 5 })
  })

  test('one sender suspended', async () => {
    here = await town()
    const file = await approved(many(30))
    for (let n = 0; n < 30; n++) here.provider.refuse(phoneOf(n), 30002)
    const { summary, state } = await here.bulk.run(file, now)
    expect([summary.sent, summary.failed + summary.waiting, state.standing === 'done']).toEqual([
      0,
      30,
      summary.waiting === 0,
    ])
  })

  test('10-hour queue limit', async () => {
    here = await town()
    const refused = here.bulk.plan(
      here.order(csv(text(header, ...Array.from({ length: 900 }, (_, n) => patron(n)))), {
        templates: [{ text: `{{ library }} STOP ${'x'.repeat(1_500)}` }],
      }),
      { out: here.file() },
    )
    void refused.catch(() => undefined)
    // 900 texts of 10 parts: at one a second two and a half hours.
    await expect(refused).resolves.toMatchObject({ summary: { parts: 9_000 } })
    const slow = await town({ twilio: { rate: { perSecond: 0.2 } } })
    try {
      const order = here.order(csv(text(header, ...Array.from({ length: 900 }, (_, n) => patron(n)))), {
        templates: [{ text: `{{ library }} STOP ${'x'.repeat(1_500)}` }],
      })
      await expect(slow.bulk.plan(order, { out: slow.file() })).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringMatching(
          /9,000 parts at 0.2 a second take 12.5 h.*keeps a message no longer than 10h.*What would fit: a sender of 0.3 parts a second; or within: "\dd"/,
        ),
      })
      expect(readdirSync(slow.folder)).toEqual([])
    } finally {
      await slow.close()
    }
  })

  test('run passes into quiet hours', async () => {
    // 20:59:50 in Chicago, a text a second: the first ten go, the others in the morning.
    here = await town({ at: '2026-11-25T02:59:50.000Z', twilio: { rate: { perSecond: 1 } } })
    const list = many(30, (n) => ({ timezone: n % 3 === 0 ? 'America/Denver' : '' }))
    const file = here.file()
    const plan = await here.bulk.plan(here.order(list), { out: file })
    expect(plan.zones).toEqual({ 'America/Chicago': 20, 'America/Denver': 10 })
    await here.bulk.approve(file, { by: 'Bea Second' })
    let run = await here.bulk.run(file, now)
    for (let turn = 0; turn < 60; turn++) {
      await here.prm.advance('1s')
      run = await here.bulk.run(file, now)
    }
    const evening = here.provider.messages().length
    // Denver's ten, for whom it is an hour earlier, and who of Chicago had a turn before nine.
    expect(evening).toBeGreaterThanOrEqual(10)
    expect(evening).toBeLessThan(30)
    expect(run.summary.waiting).toBe(30 - evening)
    expect(run.next?.slice(0, 16)).toBe('2026-11-25T14:00')
    await here.prm.advance('11h')
    for (let turn = 0; turn < 60 && run.state.standing !== 'done'; turn++) {
      await here.prm.advance('1s')
      run = await here.bulk.run(file, now)
    }
    expect(run.summary).toMatchObject({ sent: 30, waiting: 0 })
    expect(plan.summary.finish?.slice(0, 13)).toBe('2026-11-25T14')
  })

  test('machine restored from a snapshot (stale lease must stop)', async () => {
    here = await town()
    const count = 200
    const file = await onDisk(many(count))
    const parts = ['', '-wal', '-shm'].map((end) => `${here.file('store.db')}${end}`)
    const one = child(file)
    await until(() => here.provider.messages().length >= 40)
    one.kill()
    await one.done
    for (const part of parts) if (existsSync(part)) copyFileSync(part, `${part}.kept`)
    const two = child(file)
    await until(() => here.provider.messages().length >= 100)
    two.kill()
    await two.done
    for (const part of parts) {
      if (existsSync(part)) writeFileSync(part, existsSync(`${part}.kept`) ? readFileSync(`${part}.kept`) : '')
    }
    await sleep(2_000) // a machine is not restored in the moment of its snapshot
    const { run } = await child(file).done
    expect(run?.summary).toMatchObject({ sent: count, waiting: 0, failed: 0 })
    expect([...texts().values()].filter((times) => times !== 1)).toEqual([])
    expect(texts().size).toBe(count)
  }, 120_000)

  test('clock moved back', async () => {
    here = await town()
    const { provider } = here
    const store = sqlite({ memory: true })
    let clock = Date.parse(noon)
    const prm = createPrm({
      library,
      store,
      adapters: { sms: twilio({ ...provider.credentials, baseUrl: provider.url }) },
      purposes: { news: { basis: 'consent', class: 'promotional' } },
      now: () => new Date(clock),
    })
    const bulk = outreach({ prm, store, library, key })
    const file = here.file()
    await bulk.plan(here.order(many(40)), { out: file })
    await bulk.approve(file, { by: 'Bea Second' })
    await bulk.run(file, { ...now, canary: { size: 10, watch: '0ms' } })
    clock -= 3_600_000
    const { summary, state } = await bulk.run(file, now)
    expect([state.standing, summary.sent, summary.waiting]).toEqual(['done', 40, 0])
    expect([...texts().values()].filter((times) => times !== 1)).toEqual([])
    await prm.close()
  })

  test.each(['plan', 'approval'])('disk full while the %s is written', async (what) => {
    here = await town()
    // A file system that is full: writing is refused, and nothing stays.
    const script = `import { planWriter, writeClosed } from ${JSON.stringify(new URL('../src/file.ts', import.meta.url).href)}
      const file = await planWriter(${JSON.stringify(here.file())})
      try {
        if (${what === 'approval'}) await writeClosed(${JSON.stringify(here.file('one'))}, 'x'.repeat(4_000_000), 'approval')
        for (let n = 0; n < 100_000; n++) await file.line({ is: 'excluded', line: n, id: String(n), why: 'cap', detail: 'x'.repeat(100) })
        await file.end({ is: 'end', summary: {} })
      } catch (error) {
        await file.drop()
        process.stdout.write(JSON.stringify({ code: error.code, message: error.message }))
      }`
    const shell = `trap '' XFSZ; ulimit -f 2048; exec ${process.execPath} --conditions=@prm/source --input-type=module -e "$SCRIPT"`
    const one = spawn('bash', ['-c', shell], {
      env: { ...process.env, SCRIPT: script },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let out = ''
    one.stdout.on('data', (chunk) => {
      out += chunk
    })
    await new Promise((resolve) => one.on('close', resolve))
    expect(JSON.parse(out)).toEqual({
      code: 'unavailable',
      message: `The disk is full: the ${what} was not written. Make room, and begin again.`,
    })
    expect(readdirSync(here.folder)).toEqual([])
  })

  test('two operators start the same plan', async () => {
    here = await town()
    const count = 300
    const file = await onDisk(many(count))
    const [one, two] = await Promise.all([child(file).done, child(file).done])
    expect([one.run?.summary, two.run?.summary]).toEqual([
      expect.objectContaining({ sent: count, waiting: 0, failed: 0 }),
      expect.objectContaining({ sent: count, waiting: 0, failed: 0 }),
    ])
    expect([...texts().values()].filter((times) => times !== 1)).toEqual([])
    expect(texts().size).toBe(count)
  }, 120_000)
})
