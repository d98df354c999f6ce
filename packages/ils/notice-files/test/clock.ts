import { onTestFinished, vi } from 'vitest'

/** The machine's clock stands until the test is over: what was written just now stays so, however long the look takes. */
export function stopClock(): void {
  const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now())
  onTestFinished(() => void clock.mockRestore())
}
