// Does the packed manifest say what the packed files are? Suggestions count like errors.
import { readFileSync } from 'node:fs'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { wrong } from './budget.ts'
import { tarballs } from './packages.ts'

for (const { name, path } of tarballs()) {
  const tarball = Uint8Array.from(readFileSync(path)).buffer
  const { messages, pkg } = await publint({ pack: { tarball }, strict: true })
  for (const message of messages) wrong(`${name}: ${formatMessage(message, pkg, { color: false })}`)
}
console.log('tarballs linted')
