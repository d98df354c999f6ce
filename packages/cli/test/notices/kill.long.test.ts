import { join } from 'node:path'
import { simulate } from '@prm/twilio/simulator'
import { expect, test } from 'vitest'
import { file, recipients } from '../../../../scripts/crash/audience.ts'
import { folder, put, run, start, summaryOf } from './run.ts'

// A lease of 30 s and a settling time of 60 s pass for real here; `npm run crash` does it a hundred times with short ones.
test('killed in the middle and run again, every notice is handed over once', async () => {
  const simulator = await simulate({ latencyMs: 250 })
  const [notices, store] = [put(folder(), 'PhoneNotices.csv', file(recipients(300))), join(folder(), 's.db')]
  const env = {
    TWILIO_ACCOUNT_SID: simulator.credentials.accountSid,
    TWILIO_AUTH_TOKEN: simulator.credentials.authToken,
    TWILIO_FROM: simulator.credentials.from,
    TWILIO_BASE_URL: simulator.url,
  }
  const args = [notices, '--send', '--store', store, '--json', '--quiet', '00:00-00:00']
  const first = start(args, env)
  await first.says('"message"')
  first.kill('SIGKILL')
  await first.ended
  expect(simulator.received().length).toBeLessThan(300)
  const second = await run(args, env)
  expect(summaryOf(second)).toMatchObject({ waiting: 0, told: 300 })
  const texts = new Map<string, number>()
  for (const { to } of simulator.received()) texts.set(to?.value ?? '', (texts.get(to?.value ?? '') ?? 0) + 1)
  const owed = new Map<string, number>()
  for (const { phone } of recipients(300)) owed.set(phone, (owed.get(phone) ?? 0) + 1)
  expect(texts).toEqual(owed)
  await simulator.close()
}, 200_000)
