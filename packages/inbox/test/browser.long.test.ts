import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import axe from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { board, hostile } from './board.ts'
import { executable, launch, serve } from './browser.ts'
import { card, kim, other, phone, sam, tel, town } from './town.ts'

/** Where to keep pictures of the pages, for people to look at. */
const pictures = process.env.PRM_PICTURES

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

/** A morning at the desk: a hold's question with Sam, two texts of a stranger, a task; and one that was answered. */
async function morning() {
  const server = await serve()
  open.push(() => server.close())
  const all = await town({ url: `${server.url}/prm` })
  server.handle = (request) => all.prm.handle(request)
  await all.meet({ at: card('1'), also: [tel(phone)], name: 'Ada Example' })
  await all.hold('17', '1')
  await all.prm.advance('20m')
  const { conversationId: id = '' } = await all.text('can my wife collect it?')
  await all.desk.as(kim).note(id, 'Her card is 4712, same address.')
  await all.prm.advance('75m')
  const { conversationId: answered = '' } = await all.text('Are you open on Sunday?', { from: '+12125550166' })
  await all.desk.as(sam).reply(answered, 'Yes, from 12 to 5.')
  await all.text('Do you lend tools? I need a drill for the weekend 🛠️', { from: other })
  await all.text('a hammer drill if you have one', { from: other })
  await all.desk.as(kim).task({ key: 'renewal 17', subject: 'Koha was down when a patron wrote RENEW: renew loan 17' })
  await all.prm.advance('4m')
  return { ...all, id, answered, inbox: `${server.url}/prm/inbox` }
}

describe.skipIf(!executable)(`in Chromium${executable ? '' : ' (skipped: there is none here)'}`, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser?.close())

  async function visit(url: string, more: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({ extraHTTPHeaders: { 'x-staff': 'sam' }, ...more })
    open.push(() => context.close())
    const page = await context.newPage()
    await page.goto(url)
    return page
  }
  const focused = (page: Page): Promise<string> =>
    page.evaluate(`(() => {
      const at = document.activeElement
      return (at?.getAttribute('id') || at?.textContent || at?.tagName || '').trim().slice(0, 40)
    })()`)

  test('a keyboard alone reads the list, opens who waits longest, answers and closes', {
    timeout: 60_000,
  }, async () => {
    const { inbox, prm, sent, desk, id } = await morning()
    const page = await visit(`${inbox}/`)
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('To the content')
    await page.keyboard.press('Enter')
    const until = async (what: string | RegExp, key = 'Tab') => {
      const seen: string[] = []
      for (let n = 0; n < 40; n++) {
        await page.keyboard.press(key)
        const at = await focused(page)
        seen.push(at)
        if (typeof what === 'string' ? at === what : what.test(at)) return
      }
      throw new Error(`${what} was not reached: ${seen.join(', ')}`)
    }
    await until(/can my wife collect it/)
    await page.keyboard.press('Enter')
    await page.waitForSelector('h1:has-text("Ada Example")')
    await until('Take it')
    await page.keyboard.press('Enter')
    await page.waitForSelector('#done:has-text("It is with you now.")')
    await until('answer')
    await page.keyboard.type('Yes, with your card.')
    await until('Send the answer')
    await page.keyboard.press('Enter')
    await page.waitForSelector('#done:has-text("Your answer is on its way.")')
    // What was done is where reading goes on.
    expect(await page.evaluate('location.hash')).toBe('#done')
    await page.keyboard.press('Tab')
    expect(await focused(page)).toMatch(/^Next: who waits longest/)
    await until('read')
    await page.keyboard.type('2')
    await until('class')
    await page.keyboard.type('dir')
    await until('Close it')
    await page.keyboard.press('Enter')
    await page.waitForSelector('#done:has-text("Closed.")')
    await prm.settled()
    expect(sent()).toEqual(['Your hold is ready at MAIN.', 'Yes, with your card.'])
    expect((await desk.thread(id)).conversation.questions).toEqual([
      expect.objectContaining({ readLevel: 2, transactionClass: 'directional' }),
    ])
  })

  test('works without JavaScript, and runs none', { timeout: 60_000 }, async () => {
    const { inbox, prm, sent } = await morning()
    const page = await visit(`${inbox}/`, { javaScriptEnabled: false })
    await page.click('a:has-text("can my wife")')
    await page.fill('#answer', 'Yes.')
    await page.click('button:has-text("Send the answer")')
    expect(await page.textContent('#done')).toContain('Your answer is on its way.')
    await prm.settled()
    expect(sent().at(-1)).toBe('Yes.')
    await page.reload() // sends nothing again
    await prm.settled()
    expect(sent()).toHaveLength(2)
  })

  test('an answer that is refused is where reading goes on, with what was typed', {
    timeout: 60_000,
  }, async () => {
    const { inbox, id, text, prm, sent } = await morning()
    const page = await visit(`${inbox}/c/${id}`)
    await text('no, wait: it is lost')
    await page.fill('#answer', 'Yes.')
    await page.click('button:has-text("Send the answer")')
    await page.waitForSelector('#done[role=alert]:has-text("The patron has written since")')
    expect(await page.evaluate('location.hash')).toBe('#done')
    // From there the keyboard goes on to what can be done about it.
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('Take it')
    expect(await page.inputValue('#answer')).toBe('Yes.')
    await prm.settled()
    expect(sent()).toHaveLength(1)
    await page.click('button:has-text("Send the answer")')
    await page.waitForSelector('#done[role=status]')
    await prm.settled()
    expect(sent().at(-1)).toBe('Yes.')
  })

  test('heaps of accents cover nobody else’s line', { timeout: 60_000 }, async () => {
    const { inbox, text, id } = await morning()
    await text(`z${'\u0301'.repeat(500)}`)
    const page = await visit(`${inbox}/c/${id}`)
    const above = page.locator('.thread li.note')
    const seen = await above.screenshot()
    await page.evaluate('document.querySelectorAll(".theirs .text")[1].replaceChildren("z")')
    expect((await above.screenshot()).equals(seen)).toBe(true)
  })

  test('what a patron writes is no script, in the browser neither', { timeout: 60_000 }, async () => {
    const { inbox, text } = await morning()
    const { conversationId: id } = await text(
      '<img src=x onerror="document.title=1"><script>document.title=2</script>',
      {
        from: '+12125550177',
      },
    )
    const broken: string[] = []
    for (const path of ['/', `/c/${id}`]) {
      const page = await visit(`${inbox}${path}`)
      page.on('console', (said) => broken.push(said.text()))
      expect(await page.title()).not.toMatch(/^[12]$/)
      expect(await page.locator('main img, main script').count()).toBe(0)
    }
    expect(broken).toEqual([])
  })

  test('a form on another page cannot answer in the name of whoever is signed in', { timeout: 60_000 }, async () => {
    const { inbox, id, prm, sent } = await morning()
    const page = await visit(`${inbox}/c/${id}`)
    const token = await page.inputValue('form.reply [name=token]')
    const seen = await page.inputValue('form.reply [name=seen]')
    const evil = await serve()
    open.push(() => evil.close())
    evil.handle = async () =>
      new Response(
        `<form method="post" action="${inbox}/c/${id}"><input name="token" value="${token}"><input name="seen" value="${seen}">
<input name="do" value="reply"><input name="text" value="x"><button>go</button></form>`,
        { headers: { 'content-type': 'text/html' } },
      )
    await page.goto(evil.url)
    await page.click('button')
    expect(await page.textContent('h1')).toBe('This form did not come from here')
    await prm.settled()
    expect(sent()).toHaveLength(1)
  })

  test('a public post stands beside texts, fits, is accessible, runs nothing, and is acted on by its own form', {
    timeout: 120_000,
  }, async () => {
    const server = await serve()
    open.push(() => server.close())
    const acted: string[] = []
    const all = await board(
      { act: async (form, { fields }) => void acted.push(`${form} ${fields.words}`) },
      { url: `${server.url}/prm` },
    )
    server.handle = (request) => all.prm.handle(request)
    const context = await browser.newContext({
      extraHTTPHeaders: { 'x-staff': 'sam' },
      bypassCSP: true,
      viewport: { width: 375, height: 740 },
    })
    open.push(() => context.close())
    const page = await context.newPage()
    await page.goto(`${server.url}/prm/inbox/`)
    for (const what of ['mentions', 'mention', 'approved']) {
      if (what === 'mention') await page.click('.list li:has-text("birdsite") .head a')
      if (what === 'approved') {
        expect(await page.locator('.theirs .text').textContent()).toBe(hostile.replace('\u202e', ''))
        expect(await page.locator('#answer').count()).toBe(0)
        await page.fill('#approve-words', 'Thank you.')
        await page.click('button:has-text("Approve and post")')
        await page.waitForSelector('#done[role=status]:has-text("Approved, it says.")')
      }
      expect(await page.title()).not.toMatch(/^[123]$/)
      expect(await page.locator('main img, main script').count()).toBe(0)
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(375)
      await page.addScriptTag({ content: axe.source })
      const found =
        'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))'
      expect([what, await page.evaluate(found)]).toEqual([what, []])
      if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${what}.png`), fullPage: true })
    }
    expect(acted).toEqual(['approve Thank you.'])
    // The link to the post is one of its own, over the line that opens the conversation.
    await page.goto(`${server.url}/prm/inbox/`)
    const link = page.locator('.list li:has-text("birdsite") .facts a')
    expect(await link.getAttribute('href')).toBe('https://birdsite.example.org/1')
    await link.click({ trial: true }) // nothing lies over it
  })

  test.each([
    ['desktop', 1280, 800, 'light'],
    ['desktop', 1280, 800, 'dark'],
    ['phone', 375, 740, 'light'],
    ['phone', 375, 740, 'dark'],
  ] as const)(
    'is accessible and fits: %s, %i × %i, %s',
    { timeout: 120_000 },
    async (name, width, height, colorScheme) => {
      const { inbox, id, text, desk, answered } = await morning()
      await text('x'.repeat(300), { from: '+12125550188' }) // nothing to break it at
      const look = { viewport: { width, height }, colorScheme }
      // Our policy lets no script in: the checker is put there past it.
      const context = await browser.newContext({ extraHTTPHeaders: { 'x-staff': 'sam' }, bypassCSP: true, ...look })
      open.push(() => context.close())
      const page = await context.newPage()
      await page.goto(`${inbox}/`)
      await checked(page, 'list')
      await page.goto(`${inbox}/c/${id}`)
      await checked(page, 'thread')
      await page.click('summary')
      await checked(page, 'more')
      await page.fill('#answer', 'Yes, with your card.')
      await page.click('button:has-text("Send the answer")')
      await page.waitForSelector('#done')
      await checked(page, 'answered')
      await page.goto(`${inbox}/?state=waiting`)
      await checked(page, 'waiting')
      await desk.as(sam).snooze(id, '2026-11-25T15:00:00.000Z')
      await page.goto(`${inbox}/?state=snoozed`)
      await checked(page, 'put-off')
      await desk.as(sam).merge(answered, id)
      await page.goto(`${inbox}/c/${answered}`)
      await checked(page, 'merged')
      await page.goto(`${inbox}/c/nothing`)
      await checked(page, 'nothing')

      async function checked(one: Page, what: string): Promise<void> {
        await one.addScriptTag({ content: axe.source })
        const found =
          'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))'
        const violations = await one.evaluate(found)
        expect([what, violations]).toEqual([what, []])
        const wide = await one.evaluate<number>('document.documentElement.scrollWidth')
        expect([what, wide <= width]).toEqual([what, true])
        if (pictures === undefined) return
        mkdirSync(pictures, { recursive: true })
        await one.screenshot({ path: join(pictures, `${what}-${name}-${colorScheme}.png`), fullPage: true })
      }
    },
  )
})
