import { expect, test } from 'vitest'
import { gaps, type Search } from '../src/index.ts'

const some = (text: string, count: number, more: Partial<Search>): readonly Search[] =>
  Array.from({ length: count }, (_, at) => ({
    id: `${text} ${JSON.stringify(more)} ${at}`,
    text,
    person: `${text} ${at}`,
    ...more,
  }))
const browser = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const robot = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'
const searches: readonly Search[] = [
  ...some('late fees', 9, { results: 0, userAgent: browser, ip: '198.51.100.7' }),
  ...some('pay late fee', 6, { results: 0, clicks: 0 }),
  ...some('late fees', 30, { results: 0, userAgent: robot }),
  ...some('late fees', 40, { results: 0, ip: '10.1.2.3' }),
  ...some('late fees', 3, { results: 0, ip: '2001:db8::5' }),
  ...some('reserve room', 12, { results: 40, clicks: 0 }),
  ...some('harry potter', 80, { results: 12, clicks: 2 }),
  ...some('zygomorphic orchids', 4, { results: 0 }),
  ...some('annual report', 7, { results: 3 }),
  ...some('printing', 20, {}),
]
const faqs = [
  { id: '12', question: 'How much are late fees, and how can I pay a fee?' },
  { id: '13', question: 'Where can I print?' },
]
const options = { searches, faqs, staff: ['10.0.0.0/8', '2001:db8::/32'] }

test('F4 bot traffic: what is looked for in vain is told with the FAQ that answers it; machines and staff are left out', async () => {
  const { report, rows } = await gaps(options)
  expect(report).toMatchObject({ machines: 30, staff: 43, searches: 138 })
  expect(report.gaps.map(({ searches: count, zero, unclicked, faq }) => [count, zero, unclicked, faq?.id])).toEqual([
    [15, 15, 0, '12'],
    [12, 0, 12, undefined],
  ])
  expect(report.gaps[0]?.name).toMatch(/late/)
  expect(report.gaps[0]?.text).toMatch(
    /15 searches in vain \(15 found nothing, 0 opened nothing\)\. An FAQ may answer it: How much/,
  )
  expect(rows[report.gaps[0]?.ref ?? '']).toHaveLength(15)
})

test('searches whose results nobody counted are in no rate', async () => {
  const { report } = await gaps(options)
  expect(report.zero).toMatchObject({ value: 0.161 }) // 19 of 118
  expect(report.unclicked).toMatchObject({ value: 0.13 }) // 12 of 92
})

test('what one person searches for again and again is no gap', async () => {
  const again = some('secret passage', 50, { results: 0, person: 'the same' })
  const { report } = await gaps({ ...options, searches: [...searches, ...again] })
  expect(report.gaps).toHaveLength(2)
})

test('a row that stands for several searches counts as so many', async () => {
  const { report } = await gaps({ searches: [{ id: '1', text: 'late fees', results: 0, times: 40 }] })
  expect(report.gaps).toMatchObject([{ name: 'fees late', searches: 40 }])
})

test('a name that is searched for is no name of a gap', async () => {
  const { report } = await gaps({ searches: some('21234567890123', 9, { results: 0 }) })
  expect(JSON.stringify(report)).not.toContain('21234567890123')
})

test('an address of staff that is none is refused by its place', async () => {
  await expect(gaps({ ...options, staff: ['10.0.0.0/8', 'the desk'] })).rejects.toMatchObject({
    code: 'config',
    field: 'staff[1]',
  })
})
