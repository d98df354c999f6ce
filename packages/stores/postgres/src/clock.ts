/**
 * The database's clock, for leases: those of many machines do not agree, and one that is a lease ahead would take up what
 * another is still working on. Heard with every claim and renewal.
 */
export class SharedClock {
  #ahead = 0

  readonly now = (): Date => new Date(Date.now() + this.#ahead)

  heard(ms: number): void {
    this.#ahead = ms - Date.now()
  }
}
