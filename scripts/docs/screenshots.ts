// npm run docs:screenshots: starts the running examples and saves their pages as docs/public/screenshots/*.webp, at the width of
// a phone and of a desktop. Every file stays below 150 kB. Chromium must be installed, or named by PRM_CHROMIUM.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { launch } from '../../packages/inbox/test/browser.ts'
import { root } from '../check/packages.ts'

const folder = join(root, 'docs/public/screenshots')
const most = 150_000
const screens = [
  { name: '1280', viewport: { width: 1280, height: 800 } },
  { name: '375', viewport: { width: 375, height: 720 } },
] as const

mkdirSync(folder, { recursive: true })
const browser = await launch()
try {
  await staffPage(browser)
  await pagesReport(browser)
} finally {
  await browser.close()
}

/** The list of open conversations, and one of them. */
async function staffPage(browser: Browser): Promise<void> {
  const { child, match } = await example(['texting-desk', '--serve'], /(http:\S+\/inbox\/) .*password (\S+)/)
  try {
    const [, url = '', password = ''] = match
    for (const { name, viewport } of screens) {
      const context = await browser.newContext({ viewport, httpCredentials: { username: 'sam', password } })
      const page = await context.newPage()
      await page.goto(url)
      await save(page, `inbox-${name}`)
      await page.locator('a[href*="/c/"]').first().click()
      await save(page, `conversation-${name}`)
      await context.close()
    }
  } finally {
    child.kill('SIGTERM')
  }
}

/** The report on pages that make patrons ask, made of the invented exports. */
async function pagesReport(browser: Browser): Promise<void> {
  const made = mkdtempSync(join(tmpdir(), 'prm-screenshots-'))
  try {
    const file = join(made, 'pages.html')
    const { child } = await example(['pages', '--out', file])
    if (child.exitCode !== 0) throw new Error(`The example pages ended with ${child.exitCode}.`)
    for (const { name, viewport } of screens) {
      const page = await browser.newPage({ viewport })
      await page.goto(pathToFileURL(file).href)
      await save(page, `pages-${name}`)
      await page.close()
    }
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
}

/** Starts an example. Answers once it has printed what is waited for, or has ended where nothing is. */
function example(
  args: readonly string[],
  wanted?: RegExp,
): Promise<{ readonly child: ChildProcess; readonly match: RegExpExecArray }> {
  const flags = ['--disable-warning=ExperimentalWarning', '--conditions=@prm/source']
  const child = spawn(process.execPath, [...flags, 'examples/run.ts', ...args], { cwd: root })
  let printed = ''
  return new Promise((resolve, reject) => {
    const read = (text: string) => {
      printed += text
      const match = wanted?.exec(printed)
      if (match) resolve({ child, match })
    }
    child.stdout.setEncoding('utf8').on('data', read)
    child.stderr.setEncoding('utf8').on('data', read)
    child.once('error', reject)
    child.once('close', () => {
      const match = /^/.exec(printed)
      if (wanted || !match) reject(new Error(`${args.join(' ')} ended before it printed ${wanted}:\n${printed}`))
      else resolve({ child, match })
    })
  })
}

/** WebP is smaller than PNG by half; only the protocol of the browser itself makes it. */
async function save(page: Page, name: string): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 80 })
  const image = Buffer.from(data, 'base64')
  if (image.length > most) throw new Error(`${name}.webp has ${image.length} bytes; at most ${most} are allowed.`)
  writeFileSync(join(folder, `${name}.webp`), image)
  console.log(`docs/public/screenshots/${name}.webp ${image.length}`)
}
