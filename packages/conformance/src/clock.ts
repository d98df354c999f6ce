const Machine = Date

/** The time as it is, whatever stands for it. */
export const real = (ms: number = Machine.now()): Date => new Machine(ms)

export const minute = 60_000
export const day: number = 24 * 60 * minute

/** Half a minute before and after midnight: day, hour, minute and second differ, and little else. */
export function midnight(): readonly [number, number] {
  const next = (Math.floor(Machine.now() / day) + 1) * day
  return [next - minute / 2, next + minute / 2 + 1000]
}

/** With the machine's clock standing still: what reads it, although nothing may depend on it, shows. */
export async function at<T>(ms: number, run: () => Promise<T>): Promise<T> {
  globalThis.Date = new Proxy(Machine, {
    construct: (target, args, self) => Reflect.construct(target, args.length === 0 ? [ms] : args, self),
    apply: () => new Machine(ms).toString(),
    get: (target, name) => (name === 'now' ? () => ms : Reflect.get(target, name)),
  })
  try {
    return await run()
  } finally {
    globalThis.Date = Machine
  }
}
