import type { Readable, Writable } from 'node:stream'
import { confirm, isCancel, multiselect, select, text } from '@clack/prompts'
import { type Auth, type Facet, facets, namesOf, Refused } from './choice.ts'

/** Ctrl-C at a question. */
export class CalledOff extends Error {}

interface Asked {
  readonly name: string
  readonly facets: readonly Facet[]
  readonly auth: Auth
  readonly standalone: boolean
}

/** Asks for what is not known yet. */
export async function ask(
  known: { readonly [K in keyof Asked]?: Asked[K] | undefined },
  terminal: { readonly input: Readable; readonly output: Writable },
): Promise<Asked> {
  const name =
    known.name ??
    (await answered(
      text({
        ...terminal,
        message: 'The name of the package',
        placeholder: 'prm-heron',
        validate: (name) => wrong(name ?? ''),
      }),
    ))
  const chosen =
    known.facets ??
    (await answered(
      multiselect<Facet>({
        ...terminal,
        message: 'What it does',
        initialValues: ['channel', 'webhook'],
        options: facets.map((value) => ({ value, hint: hints[value] })),
      }),
    ))
  const auth =
    known.auth ??
    (await answered(
      select<Auth>({
        ...terminal,
        message: 'How the API is called, or webhooks are signed',
        options: [
          { value: 'bearer', label: 'bearer token', hint: 'webhooks by HMAC' },
          { value: 'basic', label: 'user and password', hint: 'webhooks by HMAC' },
          { value: 'ed25519', label: 'webhooks by Ed25519', hint: 'bearer token' },
        ],
      }),
    ))
  const standalone =
    known.standalone ??
    (await answered(confirm({ ...terminal, message: 'A package of its own, outside a workspace of @prm?' })))
  return { name, facets: facets.filter((facet) => chosen.includes(facet)), auth, standalone }
}

const hints: { readonly [facet in Facet]: string } = {
  channel: 'sends to one person at one address',
  webhook: 'takes webhooks: texts from patrons, delivery reports',
  feed: 'reads notices where nothing pushes',
  writeBack: 'tells the source what became of its notices',
  directory: 'knows who the patrons are',
  circulation: 'knows loans and holds, and renews',
  catalogue: 'knows what the library has',
}

async function answered<T>(answer: Promise<T>): Promise<Exclude<T, symbol>> {
  const value = await answer
  if (isCancel(value)) throw new CalledOff()
  return value as Exclude<T, symbol>
}

function wrong(name: string): string | undefined {
  try {
    namesOf(name)
    return undefined
  } catch (error) {
    if (error instanceof Refused) return error.message
    throw error
  }
}
