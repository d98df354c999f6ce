import {
  type Adapter,
  type Channel,
  type Interaction,
  type MentionSeen,
  mentionSeen,
  PrmError,
  reactionSeen,
} from '@prm/core'

/** A public network of this test: what authors do is told by its feed, what the library answers stands in `answers`. */
export interface Network extends Adapter {
  readonly channel: Channel
  readonly answers: {
    readonly id: string
    readonly key: string
    readonly to: string
    readonly text: string
    removed?: true
  }[]
  /** A new post, or a later version of one. */
  post(
    id: string,
    text: string,
    more?: Partial<MentionSeen> & { readonly author?: string; readonly at?: string; readonly copyOf?: string },
  ): void
  takeBack(id: string): void
  react(answer: string, kind: string, author: string): void
  /** The next sends go wrong like this. */
  fault(kind: 'hang-after-accept' | 'suspended' | 'gone', times?: number): void
  calls: number
}

/** Events of a network with the shapes that its adapters promise. */
export function network(
  name: string,
  options: { readonly answerable?: boolean; readonly most?: number } = {},
): Network {
  const { answerable = true, most = 300 } = options
  const facts: Interaction[] = []
  const versions = new Map<string, number>()
  const answers: Network['answers'] = []
  const faults: string[] = []
  const realm = `${name}.example.org`
  const push = (key: string, type: string, who: string, data: object, person: string, at?: string): void => {
    facts.push({
      key,
      type,
      source: name,
      who: { scheme: 'post', value: who, realm },
      data,
      evidence: { person, independence: person },
      ...(at && { at }),
    })
  }
  const self: Network = {
    spec: 1,
    kind: 'network',
    version: '1.0.0',
    emits: [mentionSeen, reactionSeen],
    answers,
    calls: 0,
    feed: {
      every: '5m',
      async *pull(cursor) {
        const from = typeof cursor === 'number' ? cursor : 0
        if (facts.length > from) yield { interactions: facts.slice(from), cursor: facts.length }
      },
    },
    channel: {
      medium: 'social',
      schemes: ['post'],
      exposure: 'public',
      limits: { idempotent: false, visibleAfter: '1s' },
      measure: ({ text }) => ({
        units: text.length,
        unit: 'letter',
        warnings: [],
        ...(text.length > most && { tooLong: true }),
      }),
      async send({ key, to, content }, ctx) {
        self.calls++
        const fault = faults.shift()
        if (fault === 'suspended')
          throw new PrmError('forbidden', 'The account is suspended.', { vendor: { status: 403 } })
        if (fault === 'gone') throw new PrmError('not_found', 'The post is there no more.')
        const id = `ours-${answers.length + 1}`
        answers.push({ id, key, to: to.value, text: content.text })
        if (fault === 'hang-after-accept') {
          void ctx
          throw new PrmError('unknown', 'It was sent, and no answer came.')
        }
        return { id, state: 'sent', raw: null }
      },
      async lookup({ key }) {
        const found = answers.find((one) => one.key === key)
        return found ? { id: found.id, state: 'sent', raw: null } : 'absent'
      },
      async remove(id) {
        const found = answers.find((one) => one.id === id)
        if (found) found.removed = true
      },
    },
    post(id, text, { author = `author of ${id}`, at, copyOf, ...more } = {}) {
      const n = (versions.get(id) ?? 0) + 1
      versions.set(id, n)
      const data: MentionSeen = {
        text,
        url: `https://${realm}/posts/${id}`,
        language: 'en',
        ...(answerable && { answerable: true }),
        ...(n > 1 && { edited: true }),
        ...more,
      }
      push(`${id} ${n}`, mentionSeen.name, id, data, author, at)
      void copyOf
    },
    takeBack(id) {
      push(`${id} gone`, mentionSeen.name, id, { text: '', gone: true }, '')
    },
    react(answer, kind, author) {
      push(`${kind} ${answer} ${author}`, reactionSeen.name, answer, { kind }, author)
    },
    fault(kind, times = 1) {
      for (let n = 0; n < times; n++) faults.push(kind)
    },
  }
  return self
}
