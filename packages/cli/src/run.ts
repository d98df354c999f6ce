import { PrmError } from '@prm/core'
import type { Command } from 'commander'
import { timeIn } from './clock.ts'
import { act, examples, open, type Shell } from './command.ts'
import type { AnyPrm } from './config.ts'
import { libraryOf, listen } from './listening.ts'
import { type Metrics, metrics, openMetrics } from './metrics.ts'
import type { Stopped } from './signals.ts'
import type { Terminal } from './terminal.ts'

/** `run`: takes webhooks, asks feeds, and sends, until it is stopped. */
export function run(program: Command, shell: Shell): void {
  const command = program
    .command('run')
    .summary('webhooks, feeds and sending, until it is stopped')
    .description(
      'Takes webhooks, asks feeds, runs flows and sends, for all libraries of the config, until it is stopped. What is under way is finished first. GET /healthz says whether it works, GET /metrics how much, in the OpenMetrics format and without patron data.',
    )
    .option('--port <number>', 'in place of listen.port of the config')
    .option('--once', 'ask each feed, do what is due, and end; no webhooks')
  examples(
    command,
    ['prm run', 'stays up; a service manager ends it with SIGTERM'],
    ['prm run --once', 'from cron, where no webhooks come'],
    ['prm run --library elm', 'one of several libraries'],
  )
  act<{ port?: string; once?: boolean }>(shell, command, async (io, options) => {
    const port = options.port === undefined ? {} : { port: portOf(options.port) }
    const opened = await open(shell, options)
    const counts = metrics()
    let flawed = false
    try {
      const tallies = opened.libraries.map(tally)
      for (const prm of opened.libraries) {
        counts.watch(prm)
        tell(io, prm)
        prm.on('rejected', () => {
          flawed = true
        })
        prm.on('jobFailed', ({ dead }) => {
          flawed ||= dead
        })
      }
      if (options.once) {
        const ended = await Promise.all(opened.libraries.map((prm) => prm.run({ once: true, signal: shell.signal })))
        shell.signal.throwIfAborted()
        for (const [index, { waiting, next }] of ended.entries()) {
          const [prm, done] = [opened.libraries[index], tallies[index]]
          if (!prm || !done) continue
          const { id: library, timeZone } = prm.options.library
          const { read, rejected, sent, failed, notSent } = done
          const scheduled = `${waiting} scheduled${next ? `, next at ${timeIn(timeZone, next)}` : ''}`
          io.say(
            `${library}: ${read} read, ${rejected} rejected. ${sent} sent, ${failed} failed, ${notSent} not sent. ${scheduled}.`,
            { library, ...done, waiting, ...(next && { next }) },
          )
        }
        return flawed ? 1 : 0
      }
      return await serve(io, shell, opened.libraries, counts, {
        ...opened.config.listen,
        ...port,
      })
    } finally {
      await opened.close()
    }
  })
}

interface Tally {
  /** Records that sources sent and that are new. */
  read: number
  rejected: number
  sent: number
  /** Messages that were to go and did not, and work that waits for a person. */
  failed: number
  /** Messages that the rules did not allow. */
  notSent: number
}

/** Counts what one run of a library does. */
function tally(prm: AnyPrm): Tally {
  const done: Tally = { read: 0, rejected: 0, sent: 0, failed: 0, notSent: 0 }
  prm.on('recorded', () => done.read++)
  prm.on('rejected', () => done.rejected++)
  prm.on('decided', ({ outcome }) => {
    if (!outcome.send) done.notSent++
  })
  prm.on('message', ({ providerId }) => {
    if (providerId === undefined) done.failed++
    else done.sent++
  })
  prm.on('jobFailed', ({ dead }) => {
    if (dead) done.failed++
  })
  return done
}

function portOf(typed: string): number {
  if (/^\d{1,5}$/.test(typed) && Number(typed) < 65_536) return Number(typed)
  throw new PrmError('invalid', '--port takes a port from 0 to 65535; 0 is any free one.', { field: '--port' })
}

async function serve(
  io: Terminal,
  shell: Shell,
  libraries: readonly AnyPrm[],
  counts: Metrics,
  where: { readonly port?: number; readonly host?: string },
): Promise<number> {
  for (const prm of libraries) {
    const why = await storeFails(prm)
    if (why !== undefined) io.aside(`${prm.options.library.id}: the store does not answer; it is tried again: ${why}`)
  }
  const server = await listen(where, async (request) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/healthz') return healthz(libraries)
    if (pathname === '/metrics') return scraped(libraries, counts)
    const prm = libraryOf(libraries, pathname)
    const answer = prm ? await prm.handle(request) : new Response('No library here takes this path.', { status: 404 })
    counts.add('prm_requests', { library: prm?.options.library.id ?? 'none', status: String(answer.status) })
    return answer
  })
  io.say(server.url, { url: server.url })
  for (const { options, adapters } of libraries)
    for (const [id, { webhook }] of Object.entries(adapters))
      if (webhook)
        io.aside(
          `${options.library.id}: ${id} takes requests${options.publicUrl ? ` at ${options.publicUrl.replace(/\/$/, '')}/${id}` : '; no public URL is set'}.`,
        )
  try {
    await Promise.all(libraries.map((prm) => prm.run({ signal: shell.signal })))
  } finally {
    await server.close()
  }
  const { exit } = shell.signal.reason as Stopped
  return exit === 143 ? 0 : exit // SIGTERM is how a service ends
}

/** What a person who looks after it wants to know, without patron data. */
function tell(io: Terminal, prm: AnyPrm): void {
  const { id } = prm.options.library
  prm.on('adapter', ({ id: adapter, state, reason }) =>
    io.aside(`${id}: ${adapter}: ${state}${reason ? `: ${reason}` : ''}`),
  )
  prm.on('jobFailed', ({ job, error, dead }) =>
    io.aside(
      `${id}: ${job.name}: ${error.code}: ${error.message}${dead ? ' It is left to a person: prm jobs list.' : ''}`,
    ),
  )
  prm.on('rejected', ({ source, line, reason }) =>
    io.aside(`${id}: ${source}${line === undefined ? '' : `:${line}`}: ${reason}`),
  )
}

/** Why the store does not answer, for whoever runs it; nothing where it does. */
async function storeFails({ options }: AnyPrm): Promise<string | undefined> {
  try {
    await options.store.scope(options.library.id).types()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function healthz(libraries: readonly AnyPrm[]): Promise<Response> {
  const states = await Promise.all(
    libraries.map(async (prm) => ({ library: prm.options.library.id, store: (await storeFails(prm)) === undefined })),
  )
  const ok = states.every(({ store }) => store)
  return Response.json({ ok, libraries: states }, { status: ok ? 200 : 503 })
}

async function scraped(libraries: readonly AnyPrm[], counts: Metrics): Promise<Response> {
  for (const prm of libraries) {
    let dead = 0
    for await (const _ of prm.deadLetters()) dead++
    counts.set('prm_dead_jobs', { library: prm.options.library.id }, dead)
  }
  return new Response(counts.text(), { headers: { 'content-type': openMetrics } })
}
