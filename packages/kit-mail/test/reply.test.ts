import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { ownWords } from '../src/index.ts'

const answer = 'Thanks, I will come tomorrow.'

test.each([
  [
    'Gmail',
    `${answer}\n\nOn Tue, Nov 24, 2026 at 9:05 AM Alder Library <notices@alder.example>\nwrote:\n\n> Your hold is ready.\n> Ada`,
  ],
  [
    'Apple Mail',
    `${answer}\n\nSent from my iPhone\n\n> On Nov 24, 2026, at 9:05 AM, Alder Library <notices@alder.example> wrote:\n> \n> Your hold is ready.`,
  ],
  [
    'Outlook',
    `${answer}\n\n________________________________\nFrom: Alder Library <notices@alder.example>\nSent: Tuesday, November 24, 2026 9:05 AM\nTo: Ada\nSubject: Your hold\n\nYour hold is ready.`,
  ],
  [
    'Outlook without a line',
    `${answer}\n\nFrom: Alder Library <notices@alder.example>\nSent: Tuesday, November 24, 2026 9:05 AM\nTo: Ada Pine\nSubject: Your hold\n\nYour hold is ready.`,
  ],
  [
    'Outlook in German',
    `${answer}\n\nVon: Alder Library <notices@alder.example>\nGesendet: Dienstag, 24. November 2026 09:05\nAn: Ada Pine\nBetreff: Ihre Vormerkung\n\nIhre Vormerkung liegt bereit.`,
  ],
  ['Outlook of old', `${answer}\n\n-----Original Message-----\nFrom: Alder Library\nYour hold is ready.`],
  [
    'Thunderbird in German',
    `${answer}\n\nAm 24.11.2026 um 09:05 schrieb Alder Library:\n> Ihre Vormerkung liegt bereit.`,
  ],
  [
    'Gmail in German',
    `${answer}\n\nAm Di., 24. Nov. 2026 um 09:05 Uhr schrieb Alder Library <\nnotices@alder.example>:\n\n> Ihre Vormerkung liegt bereit.`,
  ],
  [
    'Gmail in French',
    `${answer}\n\nLe mar. 24 nov. 2026 à 09:05, Alder Library <notices@alder.example> a écrit :\n\n> Votre réservation est prête.`,
  ],
  [
    'Gmail in Spanish',
    `${answer}\n\nEl mar, 24 nov 2026 a las 9:05, Alder Library (<notices@alder.example>) escribió:\n\n> Su reserva está lista.`,
  ],
  [
    'Gmail in Portuguese',
    `${answer}\n\nEm ter., 24 de nov. de 2026 às 09:05, Alder Library <notices@alder.example> escreveu:\n\n> A sua reserva está pronta.`,
  ],
  [
    'Gmail in Italian',
    `${answer}\n\nIl giorno mar 24 nov 2026 alle ore 09:05 Alder Library <notices@alder.example> ha scritto:\n\n> È pronto.`,
  ],
  [
    'Gmail in Polish',
    `${answer}\n\nwt., 24 lis 2026 o 09:05 Alder Library <notices@alder.example> napisał(a):\n\n> Gotowe.`,
  ],
  [
    'Gmail in Russian',
    `${answer}\n\nвт, 24 нояб. 2026 г. в 09:05, Alder Library <notices@alder.example>:\n\n> Готово.`,
  ],
  [
    'Gmail in Japanese',
    `${answer}\n\n2026年11月24日(火) 9:05 Alder Library <notices@alder.example>:\n\n> 準備ができました。`,
  ],
  ['below what it answers', `On Tue, Nov 24, 2026 at 9:05 AM Alder Library wrote:\n> Your hold is ready.\n\n${answer}`],
  ['with a signature', `${answer}\n\n-- \nAda Pine\n12 Elm Street`],
  ['with a phone’s signature', `${answer}\n\nGet Outlook for Android`],
  ['a phone’s in German', `${answer}\n\nVon meinem iPhone gesendet`],
])('of an answer by %s what was written is left', (_, text) => {
  expect(ownWords(text)).toBe(answer)
})

test('answers between the lines of a quotation stay in their order', () => {
  expect(ownWords('> Which day?\nMonday.\n> Which branch?\nElm Street.')).toBe('Monday.\nElm Street.')
})

test.each([
  ['that is all quotation', '> Your hold is ready.'],
  ['that begins with a signature', '-- \nAda Pine'],
  [
    'of a person who quotes nobody',
    'From: the bottom of my heart.\n\nOn Monday I wrote: I come at 9.\nDid you get it?',
  ],
  ['with dashes', 'I need:\n-- a card\n-- a map'],
  ['with a list of facts', 'Name: Ada Pine\nCard: 21234\nPlease call.'],
])('a mail %s is kept whole', (_, text) => {
  expect(ownWords(text)).toBe(text)
})

test('of any text something is left, and nothing is added', () => {
  const line = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(
      '> x',
      '-- ',
      'On Tue, Nov 24, 2026 at 9:05 AM A <a@b.example> wrote:',
      '',
      'From: a@b.example',
      'To: b',
    ),
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      const text = lines.join('\n').trim()
      const own = ownWords(text)
      if (text !== '') expect(own).not.toBe('')
      const all = text.split('\n')
      for (const one of own.split('\n')) expect(all.some((other) => other.includes(one))).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('a text made to be slow is not', () => {
  const began = performance.now()
  for (const text of [
    'a '.repeat(200_000),
    '>'.repeat(200_000),
    `${'On 1 '.repeat(50_000)}:`,
    'A:@\n'.repeat(50_000),
    ': '.repeat(200_000),
  ])
    ownWords(text)
  // 20 times what it takes on a slow machine: what is quadratic takes minutes.
  expect(performance.now() - began).toBeLessThan(20_000)
}, 60_000)

test.each(['a:\n', 'On 1:\n', '1:\n>x\n', '1:\n\n'])(
  'of %j, repeated, no line copies all the lines behind it',
  (part) => {
    const copied = (times: number): number => {
      let count = 0
      const real = Array.prototype.slice
      const slice = vi.spyOn(Array.prototype, 'slice').mockImplementation(function (this: unknown[], ...range) {
        const copy = real.apply(this, range)
        count += copy.length
        return copy
      })
      try {
        ownWords(part.repeat(times))
      } finally {
        slice.mockRestore()
      }
      return count
    }
    const [once, twice] = [copied(500), copied(1_000)]
    expect(once).toBeGreaterThan(0)
    expect(twice).toBeLessThan(once * 2.2)
  },
)

test('of a mail that is longer than anybody writes, the beginning is read', () => {
  expect(ownWords('> x\n'.repeat(200_000)).length).toBeLessThanOrEqual(100_000)
  expect(ownWords(`STOP\n\n${'a:\n'.repeat(200_000)}`).length).toBeLessThanOrEqual(100_000)
})
