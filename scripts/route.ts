// npm run route -- FILE.json: how each text of a file is read, one JSON line an element, in its order. The file is an array
// of { body, locale?, open?, stopped? }; the keywords are the standard ones of @prm/keywords.
import { readFileSync } from 'node:fs'
import { read, standard, table } from '@prm/keywords'

interface Text {
  readonly body: string
  readonly locale?: string
  readonly open?: boolean
  readonly stopped?: boolean
}

const words = table(standard)
try {
  const [file] = process.argv.slice(2)
  if (file === undefined) throw new Error('usage: npm run route -- FILE.json')
  const texts: unknown = JSON.parse(readFileSync(file, 'utf8').replace(/^\ufeff/, ''))
  if (!Array.isArray(texts)) throw new Error(`${file}: expected an array of { "body": "…", "locale": "en" }`)
  const lines = texts.map((one: Text | null, index) => {
    if (typeof one?.body !== 'string') throw new Error(`${file}: element ${index} has no body`)
    return JSON.stringify(read(one.body, { table: words, ...given(one) }))
  })
  process.stdout.write(lines.map((line) => `${line}\n`).join(''))
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}

function given({ locale, open, stopped }: Text): Omit<Text, 'body'> {
  return {
    ...(typeof locale === 'string' && { locale }),
    ...(typeof open === 'boolean' && { open }),
    ...(typeof stopped === 'boolean' && { stopped }),
  }
}
