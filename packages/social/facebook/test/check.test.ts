import { expect, test } from 'vitest'
import type { SimulateOptions } from '../simulator/index.ts'
import type { FacebookConfig } from '../src/index.ts'
import { context, publicUrl } from './context.ts'
import { type Rig, rig } from './rig.ts'

async function found(
  options: SimulateOptions = {},
  config: Partial<FacebookConfig> = {},
  change: (one: Rig) => void = () => undefined,
): Promise<readonly string[]> {
  const one = await rig({ webhookUrl: publicUrl, ...options }, config)
  change(one)
  return (await one.adapter.check(context())).map(
    ({ what, ok, detail }) => `${ok === true ? '+' : ok ? '?' : '-'} ${what}: ${detail}`,
  )
}
const bad = (lines: readonly string[]): readonly string[] => lines.filter((line) => line.startsWith('-'))

test('all that works is said, and what cannot be asked or had', async () => {
  const lines = await found()
  expect(bad(lines)).toEqual([])
  expect(lines).toContain('+ token: The token is the page’s, and valid without an end.')
  expect(lines).toContain('+ inlet.receive: The app sends them here.')
  expect(lines.join('\n')).toMatch(/\? access: .*Standard Access.*no patron’s comment or message comes/)
  expect(lines.join('\n')).toMatch(/\? search: .*no keyword search of public posts/)
})

test.each([
  [{ pageToken: 'EAAold' }, {}, (one: Rig) => one.simulator.setToken('EAAnew'), /- token: The token is not valid/],
  [{}, { pageId: '104000000000002' }, () => undefined, /- token: The token is of another page/],
  [{}, { appSecret: 'guessed' }, () => undefined, /- token: .*code 190/],
  [{ webhookUrl: 'https://other.example/hook' }, {}, () => undefined, /- inlet.receive: The app sends them elsewhere/],
  [
    {},
    {},
    (one: Rig) => one.simulator.revoke('messages'),
    /- inlet.receive: The page sends no webhooks of: messages\./,
  ],
  [
    {},
    {},
    (one: Rig) => one.simulator.revoke('pages_manage_engagement'),
    /- channel.send: pages_manage_engagement, to answer comments, is not granted/,
  ],
])('%o with %o: what is wrong is named', async (options, config, change, expected) => {
  expect(bad(await found(options, config, change)).join('\n')).toMatch(expected)
})

test('reports that the page does not send are named, and are no fault', async () => {
  const lines = await found({}, {}, (one) => one.simulator.revoke('message_echoes'))
  expect(bad(lines)).toEqual([])
  expect(lines).toContain('+ inlet.receive: The page sends webhooks, but none of: message_echoes.')
})

test('who cannot be asked is not said to be wrong', async () => {
  const lines = await found({}, { humanAgent: ['reply'] }, (one) => one.simulator.fault('server-error', 9))
  expect(lines[0]).toMatch(/^\? token: /)
})
