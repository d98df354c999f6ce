import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, run, samples } from './run.ts'

const night = ['--now', '2026-11-25T03:30:00Z']
const since = ['--what-if', '--since', '2026-11-01']

test('--what-if prints who would be told otherwise, from the store alone, and changes nothing in it', async () => {
  const store = join(folder(), 's.db')
  await run([join(samples, 'PhoneNotices.csv'), '--send', '--simulate', '--store', store, ...night])
  const before = readFileSync(store)

  const later = await run([...since, '--store', store, '--quiet', '21:00-09:30'])
  expect(later.code).toBe(0)
  expect(later.out).toContain('hold-ready 9003 2026-12-04: when')
  expect(later.out).toMatch(/was {3}\+12125550143 by sms, 2026-11-25T14:00:00.000Z, 1 part\n {2}were {2}.*15:30/)
  const [, all, otherwise] = /(\d+) messages since .* (\d+) would be otherwise/.exec(later.out) ?? []
  expect(Number(all)).toBe(12)
  expect(later.out.match(/: when\n/g)).toHaveLength(Number(otherwise))

  const longer = await run([...since, '--store', store, '--json', '--name', 'The Public Library of '.repeat(8)])
  const changed = longer.out.match(/"changed":\["cost"\]/g)
  expect(changed).toHaveLength(Number(otherwise))

  const same = await run([...since, '--store', store])
  expect(same.out).toContain('12 messages since 2026-11-01T00:00:00.000Z: 0 would be otherwise')
  expect(readFileSync(store).equals(before)).toBe(true)
})

test('a question that cannot be asked says what was expected', async () => {
  const asked = (...args: string[]) => run([...args]).then(({ code, err }) => ({ code, err: err.split('\n')[0] }))
  const nothing = { code: 2, err: expect.stringContaining('Nothing was decided in this store since') }
  expect(await asked(...since, '--store', join(folder(), 'none.db'))).toEqual(nothing)
  const day = { code: 2, err: expect.stringContaining('--what-if goes with --since') }
  expect(await asked('--what-if')).toEqual(day)
  expect(await asked('--what-if', '--since', 'Tuesday')).toEqual(day)
  expect(await asked(...since, samples)).toEqual({ code: 2, err: expect.stringContaining('takes no files') })
})
