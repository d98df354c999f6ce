/** Milliseconds by which a machine's clock may differ before somebody is told. */
const told = 60_000

/**
 * The database's clock, for leases: those of many machines do not agree, and one that is a lease ahead would take up what
 * another is still working on. Heard with every claim and renewal. Quiet hours and deadlines go by the machine's own, so that
 * it differs much is told once.
 */
export class SharedClock {
  readonly #log: (message: string) => void
  #ahead = 0
  #told = false

  constructor(log: (message: string) => void) {
    this.#log = log
  }

  readonly now = (): Date => new Date(Date.now() + this.#ahead)

  heard(ms: number): void {
    this.#ahead = ms - Date.now()
    const off = Math.abs(this.#ahead) > told
    if (off && !this.#told) {
      const which = this.#ahead < 0 ? 'ahead of' : 'behind'
      this.#log(
        `The clock of this machine is ${Math.round(Math.abs(this.#ahead) / 1_000)} s ${which} the database's: quiet hours and deadlines go by it. Set both by NTP.`,
      )
    }
    this.#told = off
  }
}
