// Reads a generated export of so many MB, in the memory that node was given: node --max-old-space-size=64 large.ts 100
import { readQuestions } from '../src/index.ts'

const wanted = Number(process.argv[2] ?? 100) * 1024 * 1024
const line = '00:00:09 - Sam : Please see <a href=""https://alder.example/x"">this page</a> &amp; tell us.\n'
let made = 0

async function* rows(): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  yield encoder.encode('Chat ID,Timestamp,Answerer,Initial Question,Transcript\n')
  for (let id = 1; made < wanted; id++) {
    const bytes = encoder.encode(`${id},2026-11-23 10:00:00,Sam,Where is desk ${id}?,"${line.repeat(40)}"\n`)
    made += bytes.length
    yield bytes
  }
}

const started = performance.now()
let [facts, bad] = [0, 0]
const options = { of: 'chats', file: 'large.csv', timeZone: 'America/Chicago' } as const
for await (const batch of readQuestions(rows(), options, 'answers')) {
  facts += batch.interactions.length
  bad += batch.bad.length
}
const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024)
console.log(
  JSON.stringify({
    megabytes: megabytes(made),
    facts,
    bad,
    seconds: Math.round((performance.now() - started) / 100) / 10,
    rss: megabytes(process.resourceUsage().maxRSS * 1024),
  }),
)
