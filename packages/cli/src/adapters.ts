import type { Adapter } from '@prm/core'
import type { Command } from 'commander'
import { act, examples, open, type Shell } from './command.ts'

const facets = ['channel', 'webhook', 'feed', 'writeBack', 'directory', 'circulation', 'catalogue', 'check'] as const

/** `adapters`: what speaks with the outside here, and what each can do. */
export function adapters(program: Command, shell: Shell): void {
  const command = program
    .command('adapters')
    .summary('what speaks with the outside here')
    .description('Lists the adapters of the config: the name it has here, what it is, and what it can do.')
  examples(command, ['prm adapters', 'a line each'], ['prm adapters --json', 'one JSON object a line'])
  act(shell, command, async (io, options) => {
    const opened = await open(shell, options)
    try {
      for (const { options: made, adapters } of opened.libraries)
        for (const [id, adapter] of Object.entries(adapters)) {
          const { kind, version } = adapter
          const can = facetsOf(adapter)
          const url = adapter.webhook && made.publicUrl ? `${made.publicUrl.replace(/\/$/, '')}/${id}` : undefined
          io.say(
            `${made.library.id}  ${io.strong(id)}  ${kind} ${version}: ${can.join(', ')}${url ? `\n    takes requests at ${url}` : ''}`,
            { library: made.library.id, id, kind, version, facets: can, ...(url && { url }) },
          )
        }
      return 0
    } finally {
      await opened.close()
    }
  })
}

function facetsOf(adapter: Adapter): readonly string[] {
  return facets.flatMap((facet) => {
    if (!adapter[facet]) return []
    return facet === 'channel' ? [`channel (${adapter.channel?.medium})`] : [facet]
  })
}
