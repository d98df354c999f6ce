import type { Medium } from '@prm/core'
import type { Recipient, Sample } from './types.ts'

const most = 20

export interface Gallery {
  look(line: Recipient, medium: Medium): void
  hung(): readonly Sample[]
}

/** The first of each way, language, encoding and length, then those whose text draws the lowest lot: no clock and no dice. */
export function gallery(): Gallery {
  const firsts = new Map<string, Sample>()
  const rest: { readonly lot: string; readonly sample: Sample }[] = []
  return {
    look(line, medium) {
      const { via, person, encoding, units } = line
      const kind = `${via} ${person.locale ?? ''} ${encoding ?? ''} ${units}`
      if (firsts.size < most && !firsts.has(kind)) return void firsts.set(kind, sampleOf(line, medium))
      const lot = line.text
      const last = rest.at(-1)
      if (rest.length >= most && last && lot >= last.lot) return
      rest.push({ lot, sample: sampleOf(line, medium) })
      rest.sort((a, b) => (a.lot < b.lot ? -1 : 1))
      if (rest.length > most) rest.pop()
    },
    hung: () =>
      [...firsts.values(), ...rest.map(({ sample }) => sample)].slice(0, most).sort((a, b) => a.line - b.line),
  }
}

function sampleOf({ line, id, via, person, at, units, encoding, content }: Recipient, medium: Medium): Sample {
  return {
    line,
    id,
    via,
    medium,
    ...(typeof person.locale === 'string' && { language: person.locale }),
    at,
    units,
    ...(encoding && { encoding }),
    content,
  }
}
