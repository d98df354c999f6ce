import type { Price } from '@prm/core'
import type { Cost } from './types.ts'

/** Prices by currency, in millionths until they are read. */
export interface Sum {
  add(price: Price | undefined, times?: number): void
  costs(): readonly Cost[]
}

export function sum(): Sum {
  const micros = new Map<string, number>()
  return {
    add(price, times = 1) {
      if (price) micros.set(price.currency, (micros.get(price.currency) ?? 0) + price.micros * times)
    },
    costs: () =>
      [...micros]
        .filter(([, amount]) => amount !== 0)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([currency, amount]) => costOf({ micros: amount, currency })),
  }
}

/** Rounded once, half away from zero. */
export function costOf({ micros, currency }: Price): Cost {
  const coin = 10 ** (6 - digitsOf(currency))
  return { micros, currency, minor: Math.sign(micros) * Math.round(Math.abs(micros) / coin) }
}

/** `83.12 USD` */
export function spokenCost({ minor, currency }: Cost): string {
  const digits = digitsOf(currency)
  return `${(minor / 10 ** digits).toFixed(digits)} ${currency}`
}

function digitsOf(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
}
