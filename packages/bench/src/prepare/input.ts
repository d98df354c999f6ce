import { createReadStream, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { phone } from '@prm/kit'
import * as z from 'zod'
import { type Recipient, recipients } from '../audience.ts'

export function write(file: string, count: number): void {
  writeFileSync(file, '')
  let lines = ''
  for (const one of recipients(count)) {
    lines += `${JSON.stringify(one)}\n`
    if (lines.length < 1_000_000) continue
    writeFileSync(file, lines, { flag: 'a' })
    lines = ''
  }
  writeFileSync(file, lines, { flag: 'a' })
}

const text = z.string().min(1)
const schema = z.object({
  card: text,
  name: text,
  phone: text,
  branch: text,
  title: text,
  shelf: text,
  collectBy: z.iso.date(),
})

/** What both contenders do with a line before they differ: parse, check, and make the number one that can be dialled. */
export async function* read(file: string): AsyncGenerator<{ readonly recipient: Recipient; readonly e164: string }> {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    const recipient = schema.parse(JSON.parse(line))
    const { e164 } = phone(recipient.phone, 'US')
    if (e164 === undefined) throw new Error('An invented number is none.')
    yield { recipient, e164 }
  }
}
