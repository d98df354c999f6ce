import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../templates', import.meta.url))

export const template = (path: string): string => readFileSync(join(root, path), 'utf8')

/** The paths of its files. What has none, bearer and hmac, is as the folder `adapter` has it. */
export function templatesIn(folder: string): readonly string[] {
  const at = join(root, folder)
  if (!existsSync(at)) return []
  return readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(at, join(entry.parentPath, entry.name)).split(sep).join('/'))
}
