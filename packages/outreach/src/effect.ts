import type { Report, Share } from './types.ts'

const z = 1.959963984540054 // 95 %

/** Wilson's interval of one share, without correction for continuity. */
function wilson(acted: number, people: number): readonly [low: number, high: number] {
  const p = acted / people
  const middle = (p + (z * z) / (2 * people)) / (1 + (z * z) / people)
  const half = (z * Math.sqrt((p * (1 - p)) / people + (z * z) / (4 * people * people))) / (1 + (z * z) / people)
  return [middle - half, middle + half]
}

/**
 * Those who were to be written to beside those whom the lot left out, whether they were reached or not. The interval of the
 * difference is Newcombe's (1998, method 10): made of Wilson's of each.
 */
export function effectOf(written: Omit<Share, 'share'>, holdout: Omit<Share, 'share'> | undefined): Report['effect'] {
  if (!holdout || holdout.people === 0)
    return { measured: false, says: 'No effect measured: nobody was held out to compare with.' }
  if (written.people === 0) return { measured: false, says: 'No effect measured: nobody was written to.' }
  const [a, b] = [shareOf(written), shareOf(holdout)]
  const [[lowA, highA], [lowB, highB]] = [wilson(a.acted, a.people), wilson(b.acted, b.people)]
  const difference = a.share - b.share
  const low = difference - Math.sqrt((a.share - lowA) ** 2 + (highB - b.share) ** 2)
  const high = difference + Math.sqrt((highA - a.share) ** 2 + (b.share - lowB) ** 2)
  const range = `${percent(a.share)} of those written to and ${percent(b.share)} of the holdout acted: ${points(difference)} points (95 %: ${points(low)} to ${points(high)})`
  return {
    measured: true,
    written: a,
    holdout: b,
    difference,
    low,
    high,
    method: 'Newcombe 1998, method 10 (Wilson scores without correction), 95 %',
    says: low <= 0 && high >= 0 ? `No effect measured: ${range}, which may be chance.` : `${range}.`,
  }
}

function shareOf({ acted, people }: Omit<Share, 'share'>): Share {
  return { acted, people, share: acted / people }
}
function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
function points(share: number): string {
  const text = (share * 100).toFixed(1)
  return share >= 0 ? `+${text}` : text
}
