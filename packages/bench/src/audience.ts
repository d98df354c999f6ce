/** One line of a list of people to tell, as a library's own export would write it. */
export interface Recipient {
  readonly card: string
  readonly name: string
  readonly phone: string
  readonly branch: string
  readonly title: string
  readonly shelf: string
  readonly collectBy: string
}

/** Invented people, each with a number of their own that is possible and valid. */
export function* recipients(count: number): Generator<Recipient> {
  for (let index = 0; index < count; index++) yield recipient(index)
}

function recipient(index: number): Recipient {
  const number = `${areas[index % areas.length]}${200 + (Math.floor(index / areas.length / 10_000) % 800)}${String(Math.floor(index / areas.length) % 10_000).padStart(4, '0')}`
  return {
    card: `2${String(index).padStart(13, '0')}`,
    name: `Ann Example ${index}`,
    phone: `(${number.slice(0, 3)}) ${number.slice(3, 6)}-${number.slice(6)}`,
    branch: `branch-${index % 12}`,
    title: `The invented book of volume ${index % 997}`,
    shelf: `H${index % 400}`,
    collectBy: '2099-12-31',
  }
}

const areas = [212, 213, 214, 215, 216, 217, 218, 219, 312, 313, 314, 315, 316, 317, 318, 319, 412, 413, 414, 415]
