// A host in a process of its own, for the test of two on one store file: sends each key and says what its provider took.
import { sqlite } from '@prm/store-sqlite'
import { plain, springfield } from './fake.ts'

const [file = '', count = '0'] = process.argv.slice(2)
const { prm, run, sms } = springfield({ store: sqlite({ file }), quietly: true })
const keys = Array.from({ length: Number(count) }, (_, at) => `k${at}`)
const decisions = await Promise.all(
  keys.map((key) => prm.send(plain(key, { content: { text: `from ${process.pid}` } }))),
)
await run()
await prm.close()
console.log(JSON.stringify({ decisions, taken: sms.taken.map(({ key }) => key) }))
