import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { type Host, hostOf } from '@prm/cli/notices'
import type { Decision, Library, Store } from '@prm/core'
import { noticeFiles, type Row } from '@prm/notice-files'
import { sqlite } from '@prm/store-sqlite'
import { twilio } from '@prm/twilio'
import { simulate, type TwilioSimulator } from '@prm/twilio/simulator'
import { createRequestListener } from '@remix-run/node-fetch-server'

const library: Library = {
  id: 'springfield',
  name: 'Springfield Library',
  timeZone: 'America/Chicago',
  locale: 'en',
  region: 'US',
  quietHours: { from: '21:00', to: '08:00' },
}
const sample = (file: string): string => fileURLToPath(new URL(`samples/${file}`, import.meta.url))

/** A day at an invented library, with a simulated provider and a clock of its own: it ends alike at any hour. */
export async function demo(say: (text: string) => void): Promise<number> {
  let clock = new Date('2026-05-03T15:00:00Z')
  const simulator = await simulate({ now: () => clock })
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  simulator.setWebhookUrl(`${url}/sms`)
  simulator.refuse('+12125550150', 30005)
  const store = sqlite({ memory: true })
  const rows: Row[] = []
  const host = (file: string | readonly string[]): Host => {
    const notices = noticeFiles({ path: file, region: 'US', onRow: (row) => rows.push(row) })
    return hostOf({
      library,
      store,
      publicUrl: url,
      now: () => clock,
      adapters: { notices, sms: twilio({ ...simulator.credentials, baseUrl: simulator.url }) },
    })
  }
  const morning = host(sample('PhoneNotices.csv'))
  server.on(
    'request',
    createRequestListener((request) => morning.handle(request)),
  )
  try {
    await simulator.text({ from: '+12125550143', body: 'STOP' })

    clock = new Date('2026-11-24T16:00:00Z')
    say('Tuesday, 10:00, Springfield. Polaris wrote a file of 13 notices:')
    const decisions = await work(morning, simulator)
    await tell(decisions, morning, store, rows, say)
    const states = simulator.messages().map((message) => message.status)
    const count = (state: string): number => states.filter((one) => one === state).length
    say(
      `${states.length} texts went out: ${count('delivered')} delivered, ${count('undelivered')} undelivered (30005, nobody has that number).`,
    )

    say('\nMaria Lopez texts back STOP. At 21:30 another file comes in:')
    await simulator.text({ from: '+12125550142', body: 'Stop' })
    clock = new Date('2026-11-25T03:30:00Z')
    rows.length = 0
    const evening = host(['holds.txt', 'text_patrons.txt', 'voice_patrons.txt'].map(sample))
    await tell(await work(evening, simulator), evening, store, rows, say)

    clock = new Date('2026-11-25T14:00:00Z')
    const before = simulator.messages().length
    await work(evening, simulator)
    say(
      `\nWednesday, 08:00: the ${simulator.messages().length - before} that waited went out. One of them, explained for the desk:`,
    )
    say((await evening.explain('notice notices hold-ready 8101 2026-12-02')).text)
    say('Now try:')
    say('  npm start -- examples/notice-to-sms/samples                     who would be texted, what, and why not')
    say('  npm start -- examples/notice-to-sms/samples --send --simulate   the whole way, to the simulated provider')
    say('  npm start -- --phone                                            answer RENEW or STOP as Maria Lopez')
    say('  npm start -- --help                                             and your own files')
    return 0
  } finally {
    await morning.close()
    await simulator.close()
    server.closeAllConnections()
    server.close()
  }
}

/** Does all that is due, and what the provider reports of it; answers what was decided. */
async function work(host: Host, simulator: TwilioSimulator): Promise<readonly Decision[]> {
  const decisions: Decision[] = []
  const off = host.on('decided', (decision) => decisions.push(decision))
  await host.run({ once: true })
  await simulator.idle()
  off()
  return decisions
}

/** A line for each decision and each row that is none: who, and the text as received, or why there is none. */
async function tell(
  decisions: readonly Decision[],
  host: Host,
  store: Store,
  rows: readonly Row[],
  say: (text: string) => void,
): Promise<void> {
  const scope = store.scope(library.id)
  const place = new Map(rows.flatMap((row) => (row.is === 'notice' ? [[row.key, row.line] as const] : [])))
  const line = ({ about }: Decision): number => place.get(about[0]?.key ?? '') ?? 0
  for (const { outcome, reasons, patronId = '', key } of [...decisions].sort((a, b) => line(a) - line(b))) {
    const patron = (await scope.get('patron', patronId))?.value
    const who = patron?.name ?? `card …${patron?.identities.find((one) => one.scheme === 'ils')?.value.slice(-4) ?? ''}`
    const { message } = await host.explain(key)
    const text = message?.content.text ?? ''
    const wait = reasons.find((reason) => reason.verdict === 'defer')
    const against = reasons.find((reason) => reason.verdict === 'reject')
    if (!outcome.send) say(`  ${who.padEnd(12)} ▸ not told: ${against?.detail}`)
    else
      say(
        `  ${who.padEnd(12)} ▸ ${text}${wait ? ` (waits until ${wait.detail.split('until ')[1]?.replace('.', '')})` : ''}`,
      )
  }
  for (const row of rows) if (row.is === 'bad') say(`  line ${row.line}      ▸ cannot be read: ${row.why}`)
}
