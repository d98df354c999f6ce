import { type QuestionAsked, questionAsked } from '@prm/core'
import { afterEach, expect, test } from 'vitest'
import { place } from './story.ts'

const open: Awaited<ReturnType<typeof place>>[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})
async function library() {
  const here = await place('2026-11-24T16:00:00.000Z')
  open.push(here)
  const page = `${here.guides.url}/c.php?g=103&p=1032`
  return { ...here, page, questions: () => here.facts<QuestionAsked>(questionAsked.name) }
}
const ada = { question: 'Where are the cases?', email: 'Ada@Patron.example' }

test('a question asked on a guide page becomes a ticket with its page', async () => {
  const { ask, answers, questions, page } = await library()
  expect(await ask(`${page}&q=divorce`, ada)).toEqual(['200 Thank you. A librarian answers you by mail.'])
  const [asked] = await questions()
  expect(asked).toMatchObject({
    who: { scheme: 'mailto', value: 'ada@patron.example' },
    page: { system: 'guides', id: 'guide 103/1032', url: page, version: expect.stringMatching(/^[\da-f]{16}$/) },
  })
  const [ticket, ...more] = answers.tickets
  expect([ticket?.pquestion, ticket?.pemail, more]).toEqual([ada.question, 'ada@patron.example', []])
  expect(ticket?.pdetails.split('<br>')).toEqual([
    ada.question,
    '',
    'Asked on: Law &amp; Politics: Articles',
    page.replace('&', '&amp;'),
    `As it read then: version ${asked?.page?.version}`,
  ])
})

test('a button that is pressed twice makes one ticket; who asks twice makes two', async () => {
  const { ask, answers, page } = await library()
  await ask(page, ada, 3)
  expect(answers.tickets.length).toBe(1)
  await ask(page, ada)
  expect(answers.tickets.length).toBe(2)
})

test('where LibGuides cannot be asked the ticket goes all the same, and says that it is not known how the page read', async () => {
  const { ask, answers, guides, questions, page } = await library()
  guides.fault('server-error', 3) // as often as a look is tried
  expect(await ask(page, ada)).toEqual([expect.stringMatching(/^200 Thank you/)])
  expect((await questions())[0]?.page).toEqual({ system: 'web', id: page, url: page })
  expect(answers.tickets[0]?.pdetails).toContain('How it read then is not known.')
})

test('where LibAnswers is too busy the ticket comes later, once', async () => {
  const { ask, answers, until, page } = await library()
  answers.fault('rate-limited-seconds', 2)
  await ask(page, ada)
  expect(answers.tickets).toEqual([])
  await until('2026-11-24T16:10:00.000Z')
  await until('2026-11-24T16:40:00.000Z')
  expect(answers.tickets.length).toBe(1)
})

test.each([
  ['nothing', { question: ' ' }, '400 Please write your question, in 5,000 letters at the most.'],
  ['no address', { email: 'ada' }, '400 Please give an e-mail address: the answer goes there.'],
])('a form with %s is given back with why, and what was typed', async (_, wrong, said) => {
  const { ask, questions, page } = await library()
  expect(await ask(page, { ...ada, ...wrong })).toEqual([said])
  expect(await questions()).toEqual([])
})

test('a page of another site is not taken, and what somebody typed is no mark-up', async () => {
  const { ask, prm, answers, page } = await library()
  const away = await prm.handle(new Request('http://127.0.0.1/prm/ask?page=https://elsewhere.example/'))
  expect(away.status).toBe(400)
  await ask(page, { ...ada, question: '<img src=x onerror=alert(1)>' })
  expect(answers.tickets[0]?.pdetails).toMatch(/^&lt;img/)
})

test('a patron who is erased leaves neither question nor ticket', async () => {
  const { ask, prm, facts, page } = await library()
  await ask(page, ada)
  const [asked] = await facts(questionAsked.name)
  expect((await prm.explain(`ticket ${asked?.key}`)).message?.state).toBe('accepted')
  await prm.erase({ scheme: 'mailto', value: 'ada@patron.example' })
  expect(await facts(questionAsked.name)).toEqual([])
  await expect(prm.explain(`ticket ${asked?.key}`)).rejects.toMatchObject({ code: 'not_found' })
})
