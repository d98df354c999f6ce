import type { Faults, Reporter } from '@prm/kit/simulator'

/** A post, a comment, or a message, as the simulator keeps it. */
export interface Kept {
  readonly kind: 'post' | 'comment' | 'message'
  readonly id: string
  readonly from: string
  text: string
  readonly at: Date
  /** What a comment stands under, and the comment that it answers. */
  readonly post?: string
  readonly parent?: string
  /** It has a picture. */
  readonly photo?: boolean
  /** To or from whom a message is. */
  readonly psid?: string
  /** `metadata` of a message of the page's. */
  readonly metadata?: string
  readonly tag?: string
  removed?: boolean
  /** Lists leave it out, though it is there. */
  unlisted?: boolean
}

/** All that one page knows. */
export interface State {
  readonly pageId: string
  readonly appId: string
  readonly appSecret: string
  readonly verifyToken: string
  pageToken: string
  graphVersion: string
  webhookUrl: string | undefined
  readonly scopes: Set<string>
  readonly fields: Set<string>
  humanAgent: boolean
  readonly kept: Map<string, Kept>
  /** What its API took, oldest first. */
  readonly taken: { readonly kept: Kept; readonly to: string; readonly key?: string }[]
  readonly people: Map<string, string>
  readonly unreachable: Set<string>
  readonly faults: Faults
  readonly reporter: Reporter
  readonly posted: { readonly what: string; readonly answer: number }[]
  count: number
  now(): Date
}

/** A number for an invented name; a number stays as it is. */
export function idOf(state: State, name: string): string {
  if (/^\d+$/.test(name)) return name
  const id = state.people.get(name) ?? String(7_300_000_000_000_000 + state.people.size)
  state.people.set(name, id)
  return id
}
export const nameOf = (state: State, id: string): string =>
  id === state.pageId ? 'Alder Library' : ([...state.people].find(([, one]) => one === id)?.[0] ?? `Somebody ${id}`)

const next = (state: State): string => String(122_100_000_000_000 + ++state.count)

export function addPost(state: State, from: string, text: string, photo = false): Kept {
  return add(state, { kind: 'post', id: `${state.pageId}_${next(state)}`, from, text, photo, at: state.now() })
}
export function addComment(state: State, from: string, on: Kept, text: string, photo = false): Kept {
  const post = on.post ?? on.id
  const id = `${post.split('_').at(-1)}_${next(state)}`
  const parent = on.kind === 'comment' ? { parent: on.id } : {}
  return add(state, { kind: 'comment', id, from, post, ...parent, text, photo, at: state.now() })
}
export function addMessage(state: State, from: string, psid: string, text: string, more: Partial<Kept> = {}): Kept {
  const id = `m_${Buffer.from(`${next(state)} ${state.pageId}`).toString('base64url')}`
  return add(state, { kind: 'message', id, from, psid, text, at: state.now(), ...more })
}
function add(state: State, kept: Kept): Kept {
  state.kept.set(kept.id, kept)
  return kept
}

/** What is there, newest first. */
export const all = (state: State, kind: Kept['kind'], only: (one: Kept) => boolean = () => true): readonly Kept[] =>
  [...state.kept.values()]
    .filter((one) => one.kind === kind && !one.unlisted && isThere(state, one) && only(one))
    .reverse()

/** What stood below something that was removed went along. */
export function isThere(state: State, { removed, post, parent }: Kept): boolean {
  const above = [post, parent].flatMap((id) => (id === undefined ? [] : (state.kept.get(id) ?? [])))
  return !removed && above.every((one) => isThere(state, one))
}

export const seconds = (at: Date): number => Math.floor(at.getTime() / 1000)
