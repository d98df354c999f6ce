import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { expect, test } from 'vitest'
import { adapters, root } from '../check/packages.ts'

/** Leaves out what others wrote, so that a bundle holds all of ours and nothing else. */
const ours: Plugin = {
  name: 'ours',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || path.startsWith('@prm/') ? undefined : { path, external: true },
    )
  },
}

/** The files of core that a bundle is made of. */
async function ofCore(...entryPoints: readonly string[]): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: entryPoints.map((file) => join(root, file)),
    absWorkingDir: root,
    bundle: true,
    write: false,
    outdir: 'out',
    metafile: true,
    format: 'esm',
    platform: 'node',
    conditions: ['@prm/source'],
    plugins: [ours],
  })
  return Object.keys(metafile.inputs).filter((file) => file.startsWith('packages/core/src/'))
}
const engine = (files: readonly string[]): readonly string[] =>
  files.filter((file) => !/^packages\/core\/src\/(adapter\.ts$|contract\/)/.test(file))

test.each(adapters)('a bundle of $name holds the contract and nothing of the engine', async ({ folder, manifest }) => {
  const entries = Object.values(manifest.exports ?? {}).flatMap((one) =>
    typeof one === 'string' ? [] : [join(folder, one['@prm/source'])],
  )
  const files = await ofCore(...entries)
  expect(files).toContain('packages/core/src/adapter.ts')
  expect(engine(files)).toEqual([])
})

test('a bundle of a host holds the engine', async () => {
  expect(engine(await ofCore('packages/core/src/index.ts'))).toContain('packages/core/src/decide/decide.ts')
})
