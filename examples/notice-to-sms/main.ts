// npm start: the day of an invented library. With arguments it is `prm notices`; with --phone you are a patron.
import { notices } from '@prm/cli/notices'
import { demo } from './demo.ts'

const args = process.argv.slice(2)
const line = (text: string): void => void process.stdout.write(`${text}\n`)

const alone = `npm start                            the day of an invented library
npm start -- pages                   how pages fare, and whether an edit helped; --help for more
npm start -- --phone [maria|ada]     be that sample patron: each line that you type, or pipe in, is a text of theirs
npm start -- FILE|FOLDER…            prm notices:
`

if (args.length === 0) process.exitCode = await demo(line)
// A word; a folder of that name is ./pages.
else if (args[0] === 'pages')
  process.exitCode = await told(async () => (await import('../pages/main.ts')).main(args.slice(1), line))
else if (args.includes('--phone')) process.exitCode = await told(() => talk(args.filter((arg) => arg !== '--phone')))
else {
  if (args.includes('--help')) line(alone)
  await notices(args)
}

/** With a Koha and a mail server, which nothing else here needs. */
async function talk(rest: readonly string[]): Promise<number> {
  const { phone } = await import('./phone.ts')
  const prompt = process.stdin.isTTY ? (text: string) => void process.stdout.write(text) : undefined
  return phone(rest, { input: process.stdin, line, ...(prompt && { prompt }) })
}

/** What it throws is said, and it could not be run. */
async function told(run: () => Promise<number>): Promise<number> {
  try {
    return await run()
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
    return 2
  }
}
