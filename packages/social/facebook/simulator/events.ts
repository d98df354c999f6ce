import { createHmac } from 'node:crypto'
import { addComment, addMessage, addPost, idOf, type Kept, nameOf, type State, seconds } from './state.ts'

/** What people do on a page. Names are invented: each is a person; ids are of what the simulator has. */
export type Deed =
  | { readonly what: 'post'; readonly by: string; readonly text: string; readonly photo?: boolean }
  | {
      readonly what: 'comment'
      readonly by: string
      readonly on: string
      readonly text: string
      readonly photo?: boolean
    }
  | { readonly what: 'edit'; readonly id: string; readonly text: string }
  | { readonly what: 'remove'; readonly id: string }
  | { readonly what: 'hide'; readonly id: string }
  | {
      readonly what: 'react'
      readonly by: string
      readonly to: string
      readonly kind?: string
      readonly gone?: boolean
    }
  | { readonly what: 'message'; readonly by: string; readonly text: string }
  | { readonly what: 'picture'; readonly by: string; readonly url: string }
  | { readonly what: 'read'; readonly by: string }
  | { readonly what: 'delivered'; readonly id: string }
  | { readonly what: 'echo'; readonly id: string }

export interface Entry {
  readonly changes?: readonly object[]
  readonly messaging?: readonly object[]
}

/** Does it, and gives what Meta would tell of it. */
export function done(state: State, deed: Deed): { readonly id: string; readonly entry: Entry } {
  const { what } = deed
  if (what === 'post') return told(state, addPost(state, idOf(state, deed.by), deed.text, deed.photo), 'add')
  if (what === 'comment')
    return told(state, addComment(state, idOf(state, deed.by), there(state, deed.on), deed.text, deed.photo), 'add')
  if (what === 'edit') {
    const kept = there(state, deed.id)
    kept.text = deed.text
    return kept.kind === 'message' ? messaging(kept.id, edited(state, kept)) : told(state, kept, 'edited')
  }
  if (what === 'remove') {
    const kept = there(state, deed.id)
    kept.removed = true
    return told(state, kept, 'remove')
  }
  if (what === 'hide') return told(state, there(state, deed.id), 'hide')
  if (what === 'react') return reaction(state, deed)
  if (what === 'message' || what === 'picture') {
    const psid = idOf(state, deed.by)
    const kept = addMessage(state, psid, psid, what === 'message' ? deed.text : '')
    const attachments =
      what === 'picture' ? { attachments: [{ type: 'image', payload: { url: deed.url } }] } : { text: kept.text }
    return messaging(kept.id, {
      ...sides(state, psid),
      timestamp: kept.at.getTime(),
      message: { mid: kept.id, ...attachments },
    })
  }
  if (what === 'read') {
    const psid = idOf(state, deed.by)
    const at = state.now().getTime()
    return messaging(psid, { ...sides(state, psid), timestamp: at, read: { watermark: at } })
  }
  const kept = there(state, deed.id)
  return messaging(kept.id, what === 'echo' ? echoOf(state, kept) : deliveryOf(state, kept))
}

function there(state: State, id: string): Kept {
  const kept = state.kept.get(id)
  if (!kept) throw new Error(`The simulator has no post, comment or message ${id}.`)
  return kept
}
const messaging = (id: string, event: object) => ({ id, entry: { messaging: [event] } })
const sides = ({ pageId }: State, psid: string) => ({ sender: { id: psid }, recipient: { id: pageId } })

// ── the field feed ───────────────────────────────────────────────────────────────────────────
function told(state: State, kept: Kept, verb: 'add' | 'edited' | 'remove' | 'hide') {
  const { id, kind, from, text, at, post, parent, photo } = kept
  const now = seconds(state.now())
  const value = {
    from: { id: from, name: nameOf(state, from) },
    ...(verb !== 'remove' && text !== '' && { message: text }),
    ...(verb !== 'remove' && photo && { photo: 'https://scontent.example.org/photo.jpg' }),
    post_id: post ?? id,
    ...(kind === 'comment' && { comment_id: id, parent_id: parent ?? post }),
    created_time: verb === 'remove' ? now : seconds(at),
    ...(verb === 'edited' && { edited_time: now }),
    item: kind === 'comment' ? 'comment' : photo ? 'photo' : 'status',
    ...(verb === 'hide' && { is_hidden: true }),
    verb,
  }
  return { id, entry: { changes: [{ field: 'feed', value }] } }
}

function reaction(state: State, { by, to, kind = 'like', gone }: Deed & { readonly what: 'react' }) {
  const on = there(state, to)
  const from = idOf(state, by)
  const value = {
    from: { id: from, name: nameOf(state, from) },
    post_id: on.post ?? on.id,
    ...(on.kind === 'comment' && { comment_id: on.id }),
    parent_id: on.id,
    created_time: seconds(state.now()),
    item: 'reaction',
    reaction_type: kind,
    verb: gone ? 'remove' : 'add',
  }
  return { id: to, entry: { changes: [{ field: 'feed', value }] } }
}

// ── Messenger ────────────────────────────────────────────────────────────────────────────────
const edited = (state: State, { id, psid = '', text }: Kept) => ({
  ...sides(state, psid),
  timestamp: state.now().getTime(),
  message_edit: { mid: id, text, num_edit: 1 },
})

/** The page is the sender here. */
export const echoOf = (state: State, { id, psid = '', text, at, metadata }: Kept): object => ({
  sender: { id: state.pageId },
  recipient: { id: psid },
  timestamp: at.getTime(),
  message: { mid: id, is_echo: true, text, ...(metadata && { app_id: Number(state.appId), metadata }) },
})
export const deliveryOf = (state: State, { id, psid = '', at }: Kept): object => ({
  ...sides(state, psid),
  delivery: { mids: [id], watermark: at.getTime() },
})

/** As Meta signs it: what is not ASCII is escaped first, and so are slashes. */
export function signed(state: State, url: string, ...entries: readonly Entry[]): Request {
  const entry = entries.map((one) => ({ id: state.pageId, time: state.now().getTime(), ...one }))
  const body = JSON.stringify({ object: 'page', entry })
    .replaceAll('/', '\\/')
    .replace(/[\u0080-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const mac = createHmac('sha256', state.appSecret).update(body).digest('hex')
  return new Request(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-hub-signature-256': `sha256=${mac}`,
      'user-agent': 'facebookexternalua',
    },
    body,
  })
}
