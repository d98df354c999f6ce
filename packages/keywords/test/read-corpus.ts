import { readFileSync } from 'node:fs'
import { type Reading, read, standard, table } from '../src/index.ts'

export interface Labelled {
  readonly body: string
  readonly locale: string
  readonly word?: string
  readonly scope?: string
  readonly never?: true
  readonly open?: boolean
  readonly stopped?: boolean
}

/** Who wrote each, and how it was counted first, is in the README. */
export const files = [
  'open',
  'kept',
  'others-open',
  'own-fitted',
  'own-aside',
  'own-hard',
  'own-classes',
  'own-later',
  'second-open',
] as const

/** Beside these, the half of a set that only counts are taken of: whoever changes the rules does not read it. */
export function corpus(file: (typeof files)[number] | 'second-kept'): readonly Labelled[] {
  return JSON.parse(readFileSync(new URL(`corpus/${file}.json`, import.meta.url), 'utf8')) as readonly Labelled[]
}

const words = table(standard)

export function reading({ body, ...known }: Labelled): Reading {
  return read(body, { table: words, ...known })
}

/** What was read otherwise than labelled, as a line each. */
export function missed(file: (typeof files)[number]): readonly string[] {
  return corpus(file).flatMap((one) => {
    const found = reading(one)
    return found.word === one.word && found.scope === one.scope
      ? []
      : [`${one.locale} ${JSON.stringify(one.body)} is ${called(one)}, read as ${called(found)}`]
  })
}

function called({ word, scope }: Reading): string {
  return word ? `${word}${scope ? ` ${scope}` : ''}` : 'free text'
}
