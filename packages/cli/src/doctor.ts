import { PrmError } from '@prm/core'
import type { Command } from 'commander'
import { carrierOf } from './carrier.ts'
import { act, examples, open, type Shell } from './command.ts'
import { type AnyPrm, type Config, keyHint } from './config.ts'
import { type Listening, libraryOf, listen } from './listening.ts'
import { ask, type Found } from './prompt.ts'
import type { Terminal } from './terminal.ts'

/** A provider whose clock is right; its answers carry the time, whatever they say. */
const defaultClock = 'https://api.twilio.com'
/** Twilio and others refuse signatures or times that are minutes off; a second or two is the way there and back. */
const mostSkewMs = 5_000

/** `doctor`: what works here, and what to mend. */
export function doctor(program: Command, shell: Shell): void {
  const command = program
    .command('doctor')
    .summary('what works here, and what to mend')
    .description(
      'Asks each adapter what really works with these credentials, writes to and reads from the store, compares the clock, looks for quiet hours, reaches the public URL through its own webhook, and looks at what United States carriers ask for. Nothing is sent to anybody.',
    )
    .option('--clock <url>', 'the server whose time is compared', defaultClock)
  examples(
    command,
    ['prm doctor', '✓ works, ✗ does not, ? is for you to judge; ends with 1 if anything is ✗'],
    ['prm doctor --json', 'one JSON object a line'],
  )
  act<{ clock: string }>(shell, command, async (io, options) => {
    if (!URL.canParse(options.clock)) throw new PrmError('invalid', '--clock takes a URL.', { field: '--clock' })
    const opened = await open(shell, options)
    let wrong = false
    const say = (library: string, found: readonly Found[]): void => {
      for (const { what, ok, detail, hint } of found) {
        wrong ||= ok === false
        const mark = ok === true ? '✓' : ok === false ? '✗' : '?'
        io.say(`${mark} ${what}: ${detail}${hint && ok !== true ? `\n    ${hint}` : ''}`, {
          ...(library && { library }),
          what,
          ok,
          detail,
          ...(hint && { hint }),
        })
      }
    }
    try {
      say('', [await clock(options.clock, io.signal)])
      for (const prm of opened.libraries) {
        const { id } = prm.options.library
        if (opened.libraries.length > 1 && !io.json) io.line(io.strong(id))
        say(id, [await store(prm)])
        for (const name of Object.keys(prm.adapters)) say(id, await asked(prm, name, io.signal))
        say(id, quietOf(prm))
        say(id, await reached(prm, opened.libraries, opened.config, io))
        say(id, await carrierOf(prm, opened.config.carrier ?? {}, io.signal))
        if (!opened.config.outreach)
          say(id, [
            {
              what: 'outreach',
              ok: 'unknown',
              detail: 'No key: plans cannot be approved.',
              hint: `Set outreach.key: ${keyHint}.`,
            },
          ])
      }
      return wrong ? 1 : 0
    } finally {
      await opened.close()
    }
  })
}

async function clock(url: string, signal: AbortSignal): Promise<Found> {
  const what = 'clock'
  const before = Date.now()
  const answer = await ask(url, { method: 'HEAD' }, signal)
  if (!(answer instanceof Response)) return { what, ok: 'unknown', detail: `${new URL(url).host} ${answer}.` }
  const theirs = Date.parse(answer.headers.get('date') ?? '')
  if (Number.isNaN(theirs)) return { what, ok: 'unknown', detail: `${new URL(url).host} does not say the time.` }
  const after = Date.now()
  // Their time is cut to the second: anything between the call's begin and end, and a second, is no skew.
  const skew = theirs > after ? theirs - after : theirs + 1_000 < before ? theirs + 1_000 - before : 0
  const seconds = Math.round(Math.abs(skew) / 1_000)
  if (Math.abs(skew) <= mostSkewMs)
    return { what, ok: true, detail: `right to ${seconds <= 1 ? 'a second' : `${seconds} s`}.` }
  return {
    what,
    ok: false,
    detail: `${seconds} s ${skew > 0 ? 'slow' : 'fast'}: quiet hours and signatures go by it.`,
    hint: 'Let the machine keep its time by NTP: timedatectl set-ntp true.',
  }
}

async function store({ options, deadLetters }: AnyPrm): Promise<Found> {
  const what = 'store'
  try {
    const scope = options.store.scope(options.library.id)
    const id = 'prm doctor'
    const at = new Date().toISOString()
    await scope.commit([{ put: [{ kind: 'cursor', value: { id, value: at } }] }])
    const read = (await scope.get('cursor', id))?.value.value
    await scope.commit([{ delete: [{ kind: 'cursor', id }] }])
    if (read !== at) return { what, ok: false, detail: 'What was written does not come back.' }
    let undone = 0
    for await (const _ of deadLetters()) undone++
    if (undone === 0) return { what, ok: true, detail: 'writes and reads.' }
    return {
      what,
      ok: 'unknown',
      detail: `writes and reads; ${undone} jobs ended undone.`,
      hint: 'prm jobs list says why.',
    }
  } catch (error) {
    return { what, ok: false, detail: messageOf(error) }
  }
}

async function asked(prm: AnyPrm, id: string, signal: AbortSignal): Promise<readonly Found[]> {
  const adapter = prm.adapters[id]
  if (!adapter?.check) return [{ what: id, ok: 'unknown', detail: `${adapter?.kind} has no check of its own.` }]
  try {
    const findings = await adapter.check(prm.context(id, signal))
    return findings.map((one) => ({ ...one, what: `${id} ${one.what}` }))
  } catch (error) {
    signal.throwIfAborted()
    return [{ what: id, ok: false, detail: messageOf(error) }]
  }
}

/** Whether what texts or mails people would do so at night. A purpose may be meant to; the library never is. */
function quietOf({ options, adapters }: AnyPrm): readonly Found[] {
  const what = 'quiet hours'
  const { from = '21:00', to = '08:00', media } = options.library.quietHours ?? {}
  const used = new Set(Object.values(adapters).flatMap(({ channel }) => channel?.medium ?? []))
  const waking = (['sms', 'email'] as const).filter((medium) => used.has(medium))
  const loud = waking.filter((medium) => !options.library.quietHours || media?.includes(medium) === false)
  const named = (ignoring: boolean): string =>
    Object.entries(options.purposes)
      .flatMap(([name, rule]) => (rule && (rule.quietHours === 'ignore') === ignoring ? [`"${name}"`] : []))
      .join(', ')
  const [deferred, ignoring] = [named(false), named(true)]
  if (waking.length === 0) return []
  const anyHour = ignoring === '' ? '' : ` At any hour, as the purpose says: ${ignoring}.`
  const { timeZone, quietHours } = options.library
  const hours = quietHours
    ? `${from} to ${to}, by each patron's own clock, or by ${timeZone} where theirs is not known.`
    : 'None.'
  // A server's zone is seldom a library's: 8 in the morning of UTC is 3 in the night in New York.
  if (quietHours && loud.length === 0 && deferred !== '' && /^(UTC|GMT|Etc\/.*)$/i.test(timeZone))
    return [
      {
        what,
        ok: 'unknown',
        detail: `${hours}${anyHour}`,
        hint: `Nobody lives by ${timeZone}: set timeZone in prm.config.ts to the library's, such as America/Chicago.`,
      },
    ]
  if (loud.length === 0 || deferred === '') return [{ what, ok: true, detail: `${hours}${anyHour}` }]
  return [
    {
      what,
      ok: 'unknown',
      detail: `None for ${loud.join(' and ')}: ${deferred} would go out at 3 in the night.${anyHour}`,
      hint: `Write this line into library in prm.config.ts, with your hours:\n    quietHours: { from: '${from}', to: '${to}' },`,
    },
  ]
}

/**
 * A request that nobody signed goes out to the public URL. Where it comes back to a host of ours it is refused, and nothing
 * is stored. If no `prm run` is up, its port is taken for so long.
 */
async function reached(
  prm: AnyPrm,
  all: readonly AnyPrm[],
  { listen: where = {} }: Config,
  { signal }: Terminal,
): Promise<readonly Found[]> {
  const { publicUrl } = prm.options
  const inlets = Object.entries(prm.adapters).filter(([, { webhook }]) => webhook)
  if (inlets.length === 0) return []
  if (!publicUrl)
    return [
      {
        what: 'url',
        ok: 'unknown',
        detail: 'None is set: replies and STOP are not heard, delivery states are asked for.',
        hint: 'Set url in createPrm to where the outside reaches prm run.',
      },
    ]
  let own: Listening | undefined
  try {
    own = await listen(where, async (request) => {
      const meant = libraryOf(all, new URL(request.url).pathname)
      return meant ? meant.handle(request) : new Response('', { status: 404 })
    })
  } catch {
    // A prm run has it, or somebody else: the answer tells.
  }
  try {
    const found: Found[] = []
    for (const [id] of inlets) found.push(await webhook(`${publicUrl.replace(/\/$/, '')}/${id}`, id, signal))
    return found
  } finally {
    await own?.close()
  }
}

async function webhook(url: string, id: string, signal: AbortSignal): Promise<Found> {
  const what = `${id} webhook`
  const answer = await ask(
    url,
    { method: 'POST', body: new URLSearchParams({ prm: 'doctor' }), redirect: 'manual' },
    signal,
  )
  const hint = `Let ${url} reach the port of prm run, with path and body as they are: docs/guides/mounting.md.`
  if (!(answer instanceof Response)) return { what, ok: false, detail: `${url} ${answer}.`, hint }
  if (answer.status === 401 || answer.status === 400)
    return { what, ok: true, detail: `${url} comes here; what nobody signed is refused.` }
  if (answer.status === 404) return { what, ok: false, detail: `${url} answers 404: it goes elsewhere.`, hint }
  if (answer.ok)
    return { what, ok: false, detail: `${url} takes what nobody signed: something else answers there.`, hint }
  return { what, ok: false, detail: `${url} answers ${answer.status}.`, hint }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
