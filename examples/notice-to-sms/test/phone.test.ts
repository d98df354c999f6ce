import { execFileSync, spawnSync } from 'node:child_process'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { phone } from '../phone.ts'

async function typed(lines: readonly string[], ...args: readonly string[]): Promise<readonly string[]> {
  const out: string[] = []
  const input = Readable.from(lines.map((line) => `${line}\n`))
  expect(await phone(args, { input, line: (text) => out.push(text) })).toBe(0)
  return out
}

test('--phone says who you are and what came, and each line is answered as a text of that patron', async () => {
  const out = await typed(['RENEW', 'can my wife collect it?', 'STOP', 'RENEW', 'START', 'hours'])
  expect(out[0]).toMatch(/You are Maria Lopez, \+12125550142/)
  expect(out.slice(1)).toEqual([
    '  Springfield Library: your hold is ready at Elm Branch, until Dec 1. RENEW renews your loans, STOP ends texts.',
    expect.stringContaining('Ctrl-D ends it'),
    '  Maria Lopez ▸ RENEW',
    '  Springfield Library: 1) renewed until Dec 17. 2) not renewed, somebody waits for it. It is due Nov 30.',
    '  Maria Lopez ▸ can my wife collect it?',
    '  Springfield Library: thank you. A librarian reads this today, until 20:00.',
    '  Maria Lopez ▸ STOP',
    '  Twilio ▸ (its own answer to STOP)',
    '  Maria Lopez ▸ RENEW',
    '  (no text comes back: asked to stop on 24 November)',
    '  Maria Lopez ▸ START',
    '  Twilio ▸ (its own answer to START)',
    '  Maria Lopez ▸ hours',
    '  Springfield Library: Tue, Nov 24: open 10:00-20:00. Open now, until 20:00.',
  ])
})

test('a text that is empty or too long is refused with why, and the next is taken', async () => {
  const out = await typed(['  \t ', 'x'.repeat(1_601), 'renew'], 'ADA')
  expect(out[0]).toContain('You are Ada Pine')
  expect(out.slice(3)).toEqual([
    expect.stringContaining('! An empty text is not sent'),
    '  ! Not sent: it has 1601 characters, and a text 1600 at the most.',
    '  Ada Pine ▸ renew',
    '  Springfield Library: 1) renewed until Dec 17.',
  ])
})

test('it reads what is piped in, and refuses who there is not', () => {
  const args = [
    '--disable-warning=ExperimentalWarning',
    '--conditions=@prm/source',
    fileURLToPath(new URL('../main.ts', import.meta.url)),
    '--phone',
  ]
  const out = execFileSync(process.execPath, args, { input: 'STOP', encoding: 'utf8' })
  expect(out).toContain('  Twilio ▸ (its own answer to STOP)\n')
  for (const more of [['bob'], ['--send'], ['maria', 'ada']]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...args, ...more], { encoding: 'utf8', input: '' })
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain(
      `--phone takes one of maria, ada, or nothing, and goes with no other option; not "${more.join(' ')}"`,
    )
  }
})
