import { type Said, themes } from '@prm/insights'
import { english, french, spanish } from '@prm/insights/languages'
import { poisson, randomFrom, type Trial, tried } from '@prm/insights/simulation'
import type { Bench } from '../bench.ts'
import { figure } from '../line.ts'

const usual: Trial = { planted: 1, controls: 12, questions: 12, weeks: 8, dispersion: 1.5, drift: 0.1, season: 1.8 }
const lives: readonly (readonly [string, Partial<Trial>])[] = [
  ['as chance has it', { dispersion: 1, drift: 0, season: 1 }],
  ['at the end of a term', { season: 0.6 }],
  ['questions in clumps', { dispersion: 3 }],
  ['pages drift apart', { drift: 0.2 }],
  ['six controls', { controls: 6 }],
  ['four weeks', { weeks: 4 }],
]

/** How often the simulations are right, a hundred runs a line; and how long themes of 50,000 texts take. */
export const bench: Bench = async function* ({ quick, runs }) {
  for (const [life, trial] of lives) {
    for (const planted of [0.4, 0.6, 1.5]) {
      const { runs: all, held, called, notEnough } = tried({ ...usual, ...trial, planted }, 100, 20_261_129)
      const found = `effect ×${planted}, ${life} (found in ${called}, not enough data in ${notEnough})`
      yield figure({ bench: 'insights', case: found, unit: 'of 100 intervals without it', target: 5 }, [
        all - notEnough - held,
      ])
    }
    const { called } = tried({ ...usual, ...trial }, 100, 20_261_129)
    yield figure({ bench: 'insights', case: `no effect, ${life}`, unit: 'of 100 called one', target: 5 }, [called])
  }
  const texts = textsOf(quick ? 2_000 : 50_000)
  const seconds: number[] = []
  for (let run = 0; run < Math.min(runs, 3); run++) {
    const started = performance.now()
    await themes({ said: texts, timeZone: 'America/Chicago', languages: [english, spanish, french] })
    seconds.push((performance.now() - started) / 1_000)
  }
  yield figure({ bench: 'insights', case: `themes of ${texts.length} texts`, unit: 's', target: 30 }, seconds)
}

/** Chats, searches and posts about 400 concerns, the common ones much commoner, each in words of its own and others. */
function textsOf(count: number): readonly Said[] {
  const random = randomFrom(7)
  const pick = (of: number): number => Math.floor(of * random() ** 3)
  const letters = 'bcdfghklmnprstvz'
  const word = (number: number): string =>
    Array.from(`${number + 97}`, (digit) => `${letters[Number(digit)]}${'aeiou'[(number + Number(digit)) % 5]}`).join(
      '',
    )
  const fill = [
    'how',
    'do',
    'i',
    'the',
    'where',
    'can',
    'my',
    'is',
    'not',
    'with',
    'please',
    'for',
    'a',
    'on',
    'to',
    'it',
  ]
  return Array.from({ length: count }, (_, at) => {
    const concern = pick(400)
    const kind = ['chat', 'search', 'mention'][at % 3] as string
    const length = kind === 'search' ? 2 : 6 + poisson(8, random)
    const words = Array.from({ length }, () => {
      const by = random()
      if (kind === 'search' || by < 0.35) return word(concern * 5 + Math.floor(5 * random()))
      return by < 0.85 ? fill[Math.floor(fill.length * random())] : word(2_000 + pick(20_000))
    })
    return { id: `${at}`, kind, text: words.join(' '), person: `p${Math.floor(count * random())}` }
  })
}
