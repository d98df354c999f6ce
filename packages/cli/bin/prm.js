#!/usr/bin/env node
// Plain enough for any Node that knows modules: an old one is told what is needed, and not that it cannot read this.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 20)) {
  process.stderr.write(
    `prm needs Node 22.20 or later, and this is Node ${process.versions.node}: https://nodejs.org/en/download\n`,
  )
  process.exitCode = 2
} else {
  try {
    const { main } = await import('#main')
    await main(process.argv.slice(2))
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || !error.url?.endsWith('/dist/main.js')) throw error
    process.stderr.write('prm is not built in this checkout: npm run build at its root, then this again.\n')
    process.exitCode = 2
  }
}
