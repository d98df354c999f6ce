import type { Fault, Json, Simulator } from '@prm/core/adapter'
import { faults, loopback } from '@prm/kit/simulator'
import { serve } from './api.ts'
import type { Posting, SimulateOptions, XCredentials } from './options.ts'
import { type Network, network, type Post, resourceOf } from './state.ts'
import { eventOf, type XEventAsked } from './webhook.ts'

export type { Posting, SimulateOptions, XCredentials } from './options.ts'
export type { Post } from './state.ts'
export type { XEventAsked } from './webhook.ts'

export interface XSimulator extends Simulator<XCredentials> {
  /** An invented author posts. Gives its id. */
  post(post: Posting): string
  /** The author edits within the hour: a version with an id of its own, which is given. */
  edit(id: string, text: string): string
  /** The author deletes it. */
  delete(id: string): void
  /** Hidden and shown again: an author who protects their posts. */
  protect(author: string, protected_?: boolean): void
  /** The account is suspended, or its credits or cap are used up, until it is said otherwise. */
  trouble(kind: 'suspended' | 'capped' | 'unpaid' | undefined): void
  /** Each call, with its query, and how it was answered: 0 where it was not. */
  calls(): readonly { readonly method: string; readonly path: string; readonly status: number }[]
  /** What all of it would be charged, by X's list: resources once in a UTC day. In millionths of a dollar. */
  bill(): number
  /** A signed request, as the X Activity API posts it. */
  webhook(event: XEventAsked | Json): Request
}

/** X's API v2 on loopback, written from xdevplatform/docs; what it assumes is listed in the package's README. */
export async function simulate(options: SimulateOptions = {}): Promise<XSimulator> {
  const credentials: XCredentials = {
    account: options.account ?? { id: '1500000000000000001', username: 'AlderLibrary' },
    appToken: options.appToken ?? 'app-0c1d7e5b9f3a',
    userToken: options.userToken ?? 'user-8e2f6a4c1b0d',
    consumerSecret: options.consumerSecret ?? 'consumer-5d9b3f7a2c8e',
  }
  const all = network(credentials, options)
  if (!options.empty) invent(all)
  const waiting = faults()
  const calls: { method: string; path: string; status: number }[] = []
  const { url, close } = await loopback((asked) => {
    const answer = serve(all, waiting, asked)
    const status = typeof answer === 'string' ? 0 : answer.status
    calls.push({ method: asked.method, path: `${asked.url.pathname}${asked.url.search}`, status })
    return answer
  }, options)
  return {
    url,
    credentials,
    post: (posting) => all.write(posting).id,
    edit: (id, text) => all.edit(id, text).id,
    delete: (id) => all.drop(id),
    protect: (author, on = true) => void (on ? all.hidden.add(author) : all.hidden.delete(author)),
    trouble: (kind) => {
      all.trouble = kind
    },
    calls: () => [...calls],
    bill: () => all.bill(),
    received: () =>
      all.posts
        .filter(({ taken }) => taken)
        .map((post) => ({
          at: post.at.toISOString(),
          text: post.text,
          ...(post.answers !== undefined && { to: { scheme: 'post', value: post.answers, realm: 'x.com' } }),
          raw: resourceOf(all, post) as unknown as Json,
        })),
    fault(fault: Fault, times) {
      if (/reports?$/.test(fault)) throw new Error(`X has no ${fault}.`)
      waiting.add(fault, times)
    },
    webhook: (event) => eventOf(all, event as XEventAsked),
    close,
  }
}

/** A Tuesday of invented people. */
function invent(all: Network): void {
  const minutes = (ago: number) => new Date(all.now().getTime() - ago * 60_000)
  const [reader, parent, student] = ['1600000000000000011', '1600000000000000012', '1600000000000000013']
  const say = (post: Posting): Post => all.write(post)
  say({
    author: reader,
    at: minutes(300),
    text: 'The third floor of Alder Library is so loud that nobody can read there.',
  })
  say({
    author: parent,
    at: minutes(240),
    text: '@AlderLibrary is the story hour on Saturday? https://story.example.org/hour',
  })
  const ours = say({ author: all.account.id, at: minutes(200), text: 'Alder Library is open until 8 tonight.' })
  say({ author: student, at: minutes(180), text: 'Good to know &amp; thanks', quotes: ours.id })
  say({ author: reader, at: minutes(120), text: '@AlderLibrary thank you 🙏🏽', answers: ours.id })
  say({ author: student, at: minutes(60), text: 'Alder Library has a 3D printer?!' })
}
