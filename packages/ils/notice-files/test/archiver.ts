// One of two processes that read and archive the same folder: prints the state of each file, a line each.
import { noticeFiles } from '../src/index.ts'

const [path = '', archive = ''] = process.argv.slice(2)
const files = noticeFiles({ path, region: 'US', archive, onFile: ({ state }) => console.log(state) })
const { signal } = new AbortController()
const ctx = { id: 'notices', library: 'demo', signal, now: () => new Date(), log: () => {} }
for await (const _ of files.feed.pull(undefined, ctx));
