import { randomBytes } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { PrmError } from '@prm/core'
import { isZone } from '@prm/kit'
import type { Command } from 'commander'
import { act, examples, type Shell } from './command.ts'
import { Stopped } from './signals.ts'
import type { Terminal } from './terminal.ts'

/** What a part costs in a new config, and at a simulator: about what Twilio asks in the United States. */
export const price = { micros: 8_300, currency: 'USD' } as const

interface Answers {
  readonly name: string
  readonly zone: string
  readonly region: string
}

/** `init`: a config that works with a simulator at once, and with an account once its credentials are there. */
export function init(program: Command, shell: Shell): void {
  const command = program
    .command('init')
    .summary('make a config, and keys')
    .description(
      'Makes prm.config.ts with one library that texts by Twilio, its keys in .env, and .env-example to share. What is there already is not changed.',
    )
    .option('--yes', 'ask nothing; what you would be asked can be changed in the config')
    .option('--dir <folder>', 'in this folder; it is made', '.')
  examples(
    command,
    ['npx prm init', 'asks for the name, the time zone and the country'],
    ['npx prm init --yes --dir texting', 'asks nothing'],
  )
  act<{ yes?: boolean; dir: string }>(shell, command, async (io, options) => {
    const folder = resolve(shell.cwd, options.dir)
    if (existsSync(join(folder, 'prm.config.ts')))
      throw new PrmError('conflict', `${join(options.dir, 'prm.config.ts')} is there already; nothing was changed.`)
    const made = options.yes ? answers : await asked()
    mkdirSync(folder, { recursive: true })
    const files = write(folder, made)
    if (io.json) io.line(JSON.stringify({ folder, files }))
    else tell(io, options.dir, files, existsSync(join(folder, 'node_modules', '@prm', 'cli')))
    if (options.yes)
      io.aside(
        `Taken as the library's: the time zone ${made.zone} of this machine, by which quiet hours go, and the country ${made.region}. If it is elsewhere, change timeZone and region in prm.config.ts.`,
      )
    return 0
  })
}

const answers: Answers = {
  name: 'Your Library',
  zone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
  region: 'US',
}

async function asked(): Promise<Answers> {
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new PrmError('config', 'There is nobody here to ask: say --yes, and change prm.config.ts afterwards.', {
      field: '--yes',
    })
  const { cancel, group, text } = await import('@clack/prompts')
  return group(
    {
      name: () => text({ message: 'The name of the library, as texts say it', initialValue: answers.name }),
      zone: () =>
        text({
          message: 'Its time zone: quiet hours go by it',
          initialValue: answers.zone,
          validate: (zone) => (isZone(zone ?? '') ? undefined : 'Such as America/Chicago.'),
        }),
      region: () =>
        text({
          message: 'Its country, for numbers that are written without',
          initialValue: answers.region,
          validate: (region) => (/^[A-Z]{2}$/.test(region ?? '') ? undefined : 'Two capital letters, such as US.'),
        }),
    },
    {
      onCancel() {
        cancel('Nothing was made.')
        throw new Stopped('Called off.', 130)
      },
    },
  )
}

// ── files ────────────────────────────────────────────────────────────────────────────────────

/** Which were made or added to. */
function write(folder: string, made: Answers): readonly string[] {
  const files: string[] = []
  const create = (name: string, content: string, mode = 0o644): void => {
    if (existsSync(join(folder, name))) return
    writeFileSync(join(folder, name), content, { flag: 'wx', mode })
    files.push(name)
  }
  const add = (name: string, lines: readonly string[], mode = 0o644): void => {
    const before = existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : ''
    const has = (line: string): boolean => {
      const start = line.includes('=') ? line.slice(0, line.indexOf('=') + 1) : line
      return before.split(/\r?\n/).some((one) => (line.includes('=') ? one.startsWith(start) : one === line))
    }
    const missing = lines.filter((line) => !has(line))
    if (missing.length === 0) return
    const gap = before === '' || before.endsWith('\n') ? '' : '\n'
    if (before === '') writeFileSync(join(folder, name), `${missing.join('\n')}\n`, { mode })
    else appendFileSync(join(folder, name), `${gap}${missing.join('\n')}\n`)
    files.push(name)
  }
  create('prm.config.ts', configOf(made))
  const key = (): string => randomBytes(32).toString('base64url')
  const mine = ['TWILIO_ACCOUNT_SID=', 'TWILIO_AUTH_TOKEN=', 'TWILIO_FROM=']
  add('.env', [...mine, `PRM_APPROVAL_KEY=${key()}`, `PRM_SECRET=${key()}`], 0o600)
  create('.env-example', example)
  add('.gitignore', ['.env', 'prm.db*', '*.plan*', '*.csv', '*.ndjson', 'node_modules'])
  create('package.json', manifest())
  return files
}

/** With what came with this command, in its versions. */
function manifest(): string {
  const require = createRequire(import.meta.url)
  const versionOf = (name: string): string => `^${(require(name) as { version: string }).version}`
  const dependencies = Object.fromEntries(
    ['@prm/cli', '@prm/core', '@prm/store-sqlite', '@prm/twilio'].map((name) => [
      name,
      versionOf(name === '@prm/cli' ? '../package.json' : `${name}/package.json`),
    ]),
  )
  const scripts = { start: 'prm run', doctor: 'prm doctor' }
  return `${JSON.stringify({ private: true, type: 'module', scripts, dependencies }, null, 2)}\n`
}

function configOf({ name, zone, region }: Answers): string {
  const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  return `// Read by prm as it stands: there is no build. \`npx prm doctor\` says what is missing.
import { join } from 'node:path'
import { config, env } from '@prm/cli'
import { createPrm } from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
import { twilio } from '@prm/twilio'

const library = createPrm({
  library: {
    id: 'library',
    name: ${quoted(name)},
    timeZone: ${quoted(zone)},
    locale: 'en',
    region: ${quoted(region)},
    // Nobody is written to in these hours, in their own time zone where it is known.
    quietHours: { from: '21:00', to: '08:00' },
  },
  adapters: {
    sms: twilio({
      accountSid: env('TWILIO_ACCOUNT_SID'),
      authToken: env('TWILIO_AUTH_TOKEN'),
      from: env('TWILIO_FROM'),
      baseUrl: env('TWILIO_BASE_URL', 'https://api.twilio.com'),
      // What a part costs you, in millionths of the currency: plans and reports add it up.
      price: { micros: ${price.micros}, currency: '${price.currency}' },
      // Parts that your number may send, so that a plan knows its end: README of @prm/twilio, "Rates".
      // rate: { perSecond: 1 },
    }),
  },
  store: sqlite({ file: join(import.meta.dirname, 'prm.db') }),
  purposes: {
    // Only to those who agreed.
    news: { basis: 'consent', class: 'promotional', media: ['sms'] },
    // To those who did not refuse.
    notices: { basis: 'service', class: 'service', media: ['sms'] },
  },
  pseudonymKey: env('PRM_SECRET'),
  // Where the outside reaches \`prm run\`. Without it STOP and replies are not heard here.
  // publicUrl: 'https://library.example/prm',
})

export default config({
  libraries: [library],
  outreach: { key: env('PRM_APPROVAL_KEY') },
  listen: { port: 8080 },
  // What carriers of the United States ask for: \`prm doctor\` reads it.
  // carrier: { brand: 'BN…', campaign: 'QE…', samples: ['…'], privacy: 'https://library.example/privacy' },
})
`
}

const example = `# Copy to .env, fill in, and keep it to yourself. The environment wins over this file.

# The Twilio Console's front page, and the number that texts come from.
TWILIO_ACCOUNT_SID=
TWILIO_AUTH_TOKEN=
TWILIO_FROM=
# Only for a simulator: what npx prm simulate twilio prints.
# TWILIO_BASE_URL=http://127.0.0.1:4010

# Signs approvals of plans: whoever has it can approve. 32 characters or more.
PRM_APPROVAL_KEY=
# Keys what stays of an erased refusal. Never change it once something was erased.
PRM_SECRET=
`

function tell(io: Terminal, dir: string, files: readonly string[], installed: boolean): void {
  io.line(`Made in ${dir === '.' ? 'this folder' : dir}: ${files.join(', ')}.`)
  if (!files.includes('package.json') && !installed)
    io.line('Your package.json needs @prm/cli, @prm/core, @prm/store-sqlite and @prm/twilio.')
  const steps = [
    ...(dir === '.' ? [] : [`cd ${dir}`]),
    ...(installed ? [] : ['npm install']),
    'npx prm simulate twilio     # in a second terminal; put its lines into .env',
    'npx prm doctor              # what works, and what to mend',
  ]
  io.line(`Next:\n${steps.map((step) => `  ${step}`).join('\n')}`)
}
