import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import type { Fixtures, Witness } from './checks.ts'

/** Judged over all that the other checks provoked. */
export const privacy: { readonly [id: string]: (witness: Witness, fixtures: Fixtures) => void } = {
  'privacy/adapter': ({ adapters }, fixtures) => {
    // Not the schemas of its events: they are large, and hold what code says, no data.
    for (const { emits: _, ...adapter } of adapters) silent('an adapter', [deep(adapter)], adapter, fixtures)
  },
  'privacy/errors': ({ errors }, fixtures) => {
    for (const error of errors) silent('an error', [...textsOf(error), deep(error)], error, fixtures)
  },
  'privacy/logs': ({ logs }, fixtures) => {
    for (const entry of logs) silent('a log entry', [deep(entry)], entry, fixtures)
  },
}

const deep = (value: unknown): string => inspect(value, { depth: 20, showHidden: true, maxStringLength: null })

/** Message and stack, of its causes too: some errors hide them from `inspect`. */
function textsOf(error: unknown, depth = 0): readonly string[] {
  if (!(error instanceof Error) || depth > 20) return [String(error)]
  return [error.message, error.stack ?? '', ...textsOf(error.cause, depth + 1)]
}

/** Named by its place: the word itself must not end up in the log of a CI. */
function silent(where: string, texts: readonly string[], value: unknown, fixtures: Fixtures): void {
  const { known, unknown, shared, loans, text = '', forbidden } = fixtures
  const words: { readonly [name: string]: string | undefined } = {
    known: known?.value,
    unknown: unknown?.value,
    shared: shared?.value,
    'loans.patron': loans?.patron.value,
    text: text.length > 8 ? text : undefined,
    ...Object.fromEntries(forbidden.map((word, index) => [`forbidden[${index}]`, word])),
  }
  const said = [...texts, JSON.stringify(value)].join('\n').toLowerCase()
  for (const [name, word] of Object.entries(words)) {
    if (!word) continue
    const found = encoded(word, said) || formsOf(word.toLowerCase()).some((form) => form.test(said))
    assert(!found, `${where} holds fixtures.${name}`)
  }
}

/**
 * As it is, as a URL writes it, and a number however it is punctuated, with its country or without. Short words are whole
 * words: `Ada`, not `adapter`.
 */
function formsOf(word: string): readonly RegExp[] {
  const bound = word.length < 8 ? ['(?<![\\p{L}\\d])', '(?![\\p{L}\\d])'] : ['', '']
  const plain = [word, encodeURIComponent(word).toLowerCase()].map((form) => bound.join(escaped(form)))
  const digits = /^\+?[\d\s().-]{7,}$/.test(word) ? [word.replace(/\D/g, '').slice(-9).split('').join('\\D{0,2}')] : []
  return [...plain, ...digits].map((form) => new RegExp(form, 'u'))
}

/** As a header writes it: base64 has three forms, by where the word begins, and its ends mix with what stands around it. */
function encoded(word: string, said: string): boolean {
  return ['', ' ', '  '].some((before) => {
    const whole = Buffer.from(before + word)
      .toString('base64')
      .replace(/=+$/, '')
    const inner = whole.slice(before === '' ? 0 : 4, -2).toLowerCase()
    return inner.length >= 8 && said.includes(inner)
  })
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
