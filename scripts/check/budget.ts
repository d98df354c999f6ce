/** Prints a figure beside its limit, and fails this process where it is over. */
export function budget(name: string, figure: number, limit: number): void {
  const over = !(figure <= limit) // NaN is over
  console.log(`budget ${name} ${figure} of ${limit} ${over ? 'over' : 'ok'}`)
  if (over) process.exitCode = 1
}

/** Says what is wrong, and fails this process at its end. */
export function wrong(what: string): void {
  console.log(`wrong: ${what}`)
  process.exitCode = 1
}
