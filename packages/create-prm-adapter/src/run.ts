import { relative, resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { parseArgs } from 'node:util'
import { ask, CalledOff } from './ask.ts'
import { authOf, auths, type Choice, facets, facetsOf, namesOf, Refused } from './choice.ts'
import { create } from './index.ts'

const usage: string = `usage: npm create prm-adapter -- NAME [options]

  NAME               of the npm package: prm-heron, @heron/prm
  --facets LIST      what it does, with commas: ${facets.join(', ')}
  --auth HOW         basic, bearer: how the API is called; hmac, ed25519: how webhooks are signed, and the API is called by bearer.
                     With basic and bearer webhooks are signed by hmac
  --dir DIR          the package's own folder, new or empty; by default the last part of NAME
  --standalone       a package of its own, with its tsconfig, CI and licence. Without it, one for a workspace such as that of @prm
  --from TARBALLS    a folder of packed packages of @prm, to install in place of what is published
  --yes              asks nothing: channel,webhook and bearer where nothing else is said
  --help

What is not given is asked for at a terminal, and an error elsewhere.`

export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean }
  readonly stderr: Writable
  cwd(): string
}

/** The exit code. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const say = (text: string) => void terminal.stdout.write(`${text}\n`)
  try {
    const given = parsed(args)
    if (given.help) {
      say(usage)
      return 0
    }
    const choice = await complete(given, terminal)
    const files = create(choice)
    say(made(choice, files, terminal.cwd()))
    return 0
  } catch (error) {
    if (error instanceof CalledOff) return 130
    if (!(error instanceof Refused)) throw error
    terminal.stderr.write(`${error.message}\n`)
    return 1
  }
}

interface Given {
  readonly name: string | undefined
  readonly facets: string | undefined
  readonly auth: string | undefined
  readonly dir: string | undefined
  readonly from: string | undefined
  readonly standalone: boolean | undefined
  readonly yes: boolean
  readonly help: boolean
}

function parsed(args: readonly string[]): Given {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        facets: { type: 'string' },
        auth: { type: 'string' },
        dir: { type: 'string' },
        from: { type: 'string' },
        standalone: { type: 'boolean' },
        yes: { type: 'boolean', short: 'y' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    const [name, ...more] = positionals
    if (more.length > 0) throw new Error(`One NAME, and there are ${positionals.length}: ${positionals.join(', ')}.`)
    const { facets, auth, dir, from, standalone, yes = false, help = false } = values
    return { name, facets, auth, dir, from, standalone, yes, help }
  } catch (error) {
    throw new Refused(`${(error as Error).message}\n\n${usage}`)
  }
}

/** What was given, then what is asked for or taken by default. */
async function complete(given: Given, { stdin, stdout, cwd }: Terminal): Promise<Choice> {
  const known = {
    name: given.name,
    facets: given.facets === undefined ? undefined : facetsOf(given.facets),
    auth: given.auth === undefined ? undefined : authOf(given.auth),
    standalone: given.standalone,
  }
  if (known.name !== undefined) namesOf(known.name)
  const defaults = { facets: ['channel', 'webhook'], auth: 'bearer', standalone: false } as const
  const asks = !given.yes && stdin.isTTY === true && stdout.isTTY === true
  const missing = [
    known.name === undefined && 'NAME',
    !given.yes && !known.facets && `--facets (${facets.join(', ')})`,
    !given.yes && !known.auth && `--auth (${auths.join(', ')})`,
  ].filter((one) => one !== false)
  if (!asks && missing.length > 0)
    throw new Refused(
      `Missing: ${missing.join(', ')}. ${given.yes ? 'There is no default for it' : 'This is no terminal to ask at; --yes takes defaults for all but NAME'}.\n\n${usage}`,
    )
  const all =
    asks && missing.length > 0 ? await ask(known, { input: stdin, output: stdout }) : { ...defaults, ...defined(known) }
  const name = all.name ?? ''
  const dir = given.dir ?? (name.split('/').at(-1) as string)
  return {
    ...all,
    name,
    dir: resolve(cwd(), dir),
    from: given.from === undefined ? undefined : resolve(cwd(), given.from),
  }
}

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> }
const defined = <T extends object>(values: T): Defined<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>

function made({ name, dir, standalone, auth, facets }: Choice, files: readonly string[], cwd: string): string {
  const to = relative(cwd, dir) || '.'
  const next = standalone
    ? [`cd ${to}`, 'npm install', 'npm test', 'npm run conformance']
    : ['npx pnpm install', 'npm run format', `npm test -- --project ${name}`]
  return `${name} (${facets.join(', ')}; ${auth}): ${files.length} files in ${to}

Next:
${next.map((line) => `  ${line}`).join('\n')}
Then your first edit, the address of your API: ${to === '.' ? '' : `${to}/`}src/config.ts`
}
