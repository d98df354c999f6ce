import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Choice, create } from '../src/index.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** A folder where @prm is found as in this repository, and which is a workspace like it. */
export function workspace(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'prm-create-'))
  symlinkSync(join(root, 'node_modules'), join(path, 'node_modules'), 'junction')
  for (const file of ['tsconfig.base.json', 'tsup.base.ts', 'vitest.shared.ts'])
    cpSync(join(root, file), join(path, file))
  mkdirSync(join(path, 'packages'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

export function make(workspace: string, name: string, choice: Partial<Choice>): string {
  const dir = join(workspace, 'packages', name)
  create({ name: `prm-${name}`, facets: ['channel', 'webhook'], auth: 'bearer', standalone: false, ...choice, dir })
  return dir
}

export interface Ran {
  readonly code: number
  readonly out: string
}

/** Node on a file of it, with @prm as source; or tsc. */
export const node = (cwd: string, ...args: readonly string[]): Promise<Ran> =>
  run(process.execPath, ['--conditions=@prm/source', ...args], cwd)
export const tsc = (cwd: string, ...args: readonly string[]): Promise<Ran> =>
  run(join(root, 'node_modules/.bin/tsc'), args, cwd)

function run(file: string, args: readonly string[], cwd: string): Promise<Ran> {
  return new Promise((done) => {
    // Neither vitest's nor node:test's own variables are for the child.
    const { NODE_TEST_CONTEXT: _, VITEST: __, NODE_OPTIONS: ___, ...env } = process.env
    const options = {
      cwd,
      env,
      maxBuffer: 64 * 1024 * 1024,
      shell: process.platform === 'win32' && file !== process.execPath,
    }
    execFile(file, args, options, (error, out, err) =>
      done({ code: error ? Number(error.code ?? 1) : 0, out: out + err }),
    )
  })
}
