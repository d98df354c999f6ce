// npm run example -- NAME [--json] [--serve]: walks through one example and tells each step once it has happened.
import { parseArgs } from 'node:util'
import { PrmError } from '@prm/core'
import * as pages from './pages/main.ts'
import { type Story, teller } from './story.ts'

const stories: { readonly [name: string]: () => Promise<{ readonly story: Story }> } = {
  'guide-question': () => import('./guide-question/story.ts'),
  'hold-to-renewal': () => import('./hold-to-renewal/story.ts'),
  listening: () => import('./listening/story.ts'),
  outreach: () => import('./outreach/story.ts'),
  'texting-desk': () => import('./texting-desk/story.ts'),
}

const aside = (text: string): void => void process.stderr.write(`${text}\n`)
async function main(args: readonly string[]): Promise<number> {
  try {
    // A report from files, not a walk: it has options of its own.
    if (args[0] === 'pages') return await pages.main(args.slice(1), (text) => void process.stdout.write(`${text}\n`))
    const { name, json, serve } = asked(args)
    const made = name === undefined ? undefined : stories[name]
    if (!made) throw new Asked(name === undefined ? 'Name an example.' : `There is no example "${name}".`)
    const { story } = await made()
    if (serve && !story.serves) throw new Asked(`${name} ends by itself: leave --serve away.`)
    const stop = new AbortController()
    if (serve) for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
    const tell = teller((text) => void process.stdout.write(`${text}\n`), json)
    await story.run({ tell, aside, ...(serve && { stay: stop.signal }) })
    return 0
  } catch (error) {
    aside(error instanceof Error ? error.message : String(error))
    if (error instanceof Asked) aside(`\n${await usage()}`)
    return error instanceof Asked || (PrmError.is(error) && error.code === 'config') ? 2 : 1
  }
}

/** Asked for what there is not. */
class Asked extends Error {}

function asked(args: readonly string[]): { name: string | undefined; json: boolean; serve: boolean } {
  const options = { json: { type: 'boolean', default: false }, serve: { type: 'boolean', default: false } } as const
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options })
    const [name, ...more] = positionals
    if (more.length > 0) throw new Error(`One example at a time: ${positionals.join(', ')} are ${positionals.length}.`)
    return { name, ...values }
  } catch (error) {
    throw new Asked(String((error as Error).message).replace(/ To specify a positional[\s\S]*/, ''))
  }
}

async function usage(): Promise<string> {
  const lines = await Promise.all(
    Object.entries(stories).map(async ([name, made]) => `  ${name.padEnd(18)}${(await made()).story.about}`),
  )
  return [
    'npm run example -- NAME [--json] [--serve]',
    ...lines,
    '  pages             which pages make patrons ask, from two CSV files: one report; --help tells its options',
    '  --json            one JSON object a step: {"step","name","at","text"}',
    '  --serve           texting-desk: keep the page open for you',
  ].join('\n')
}

process.exitCode = await main(process.argv.slice(2))
