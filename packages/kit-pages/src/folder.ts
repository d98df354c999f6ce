import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Json, PrmError } from '@prm/core/adapter'

export interface Folder {
  readonly name: string
  /** Its size, its date and the `tag`: what is exported again under the same name is another. */
  readonly mark: string
  /** When it was written last, in ms since 1970. */
  readonly written: number
  open(signal: AbortSignal): AsyncIterable<Uint8Array>
}

/**
 * The CSV files of a folder that are not in `known`, by name; and what to know then: nothing of what is not there any more.
 * Throws `config` where the folder cannot be read.
 */
export async function filesSince(path: string, known: Json | undefined, tag = ''): Promise<readonly Folder[]> {
  const before = (known ?? {}) as { readonly [name: string]: Json }
  const names = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    throw new PrmError('config', `The folder of exports cannot be read (${error.code}): expected one that is there.`)
  })
  const found: Folder[] = []
  for (const name of names.filter((name) => /\.(csv|tsv|txt)$/i.test(name)).sort()) {
    const file = join(path, name)
    const { size, mtimeMs } = await stat(file)
    const mark = `${size} ${Math.floor(mtimeMs)} ${tag}`.trim()
    if (before[name] !== mark)
      found.push({ name, mark, written: mtimeMs, open: (signal) => createReadStream(file, { signal }) })
  }
  return found
}
