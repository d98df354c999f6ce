import type { Kind } from '../src/index.ts'
import { type Town, town } from './town.ts'

/** What hostile strangers write. */
export const hostile = '<img src=x onerror="document.title=1"><script>document.title=2</script>\u202e gnol'
const url = 'https://birdsite.example.org/1'

/** Invented public posts, as a host shows them. */
const posts: Kind = {
  is: ({ context }) => context.post !== undefined,
  line: (_, now) => [
    { text: 'birdsite' },
    { text: 'the post', href: url },
    { text: hostile, href: 'javascript:document.title=3' },
    { text: 'by', at: '2026-11-24T15:00:00.000Z', late: now.toISOString() > '2026-11-24T15:00:00.000Z' },
  ],
  panel: ({ conversation, actor }) => ({
    title: `A post: ${conversation.subject}`,
    bits: [{ text: hostile, href: 'data:text/html,x' }, { text: `kim drafted it: ${actor.id} may approve it` }],
    forms: [
      {
        name: 'approve',
        title: 'Approve kim’s draft',
        hint: hostile,
        fields: [
          { is: 'hidden', name: 'n', value: '"><script>' },
          { is: 'lines', name: 'words', label: 'Words', value: hostile },
          { is: 'line', name: 'why', label: 'Why', value: hostile },
          {
            is: 'choice',
            name: 'is',
            label: 'What',
            value: 'b',
            options: [
              { value: 'a', label: hostile },
              { value: 'b', label: 'b' },
            ],
          },
        ],
        button: 'Approve and post',
      },
    ],
  }),
  entry: ({ type, seen }) =>
    type === 'inbox.opened'
      ? { look: 'theirs', by: 'Somebody on birdsite', text: hostile, ...(seen !== undefined && { at: seen }) }
      : undefined,
  done: { approve: 'Approved, it says.' },
  act: async () => {},
}

/** A patron's text and a stranger's post, in one inbox. */
export async function board(
  kind: Partial<Kind> = {},
  given: Parameters<typeof town>[0] = {},
): Promise<Town & { readonly id: string; readonly path: string }> {
  const all = await town({ ...given, page: { kinds: [{ ...posts, ...kind }] } })
  await all.text('can my wife collect it?')
  const id = await all.desk
    .as({ kind: 'system', id: 'listening' })
    .task({ key: 'post 1', subject: hostile, context: { post: '1' } })
  return { ...all, id, path: `/c/${encodeURIComponent(id)}` }
}
