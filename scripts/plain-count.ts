import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/** Prints "N passed, N failed, N skipped" alone on the last line: CI reads it. */
export class PlainCount implements Reporter {
  #line: string | undefined

  onInit(): void {
    process.once('exit', () => {
      if (this.#line !== undefined) console.log(this.#line)
    })
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    // A test still pending at the end never ran; an error outside any test fails the run without failing a test.
    const n = { passed: 0, failed: unhandled.length, skipped: 0, pending: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) n[test.result().state]++
      n.failed += module.errors().length
      for (const suite of module.children.allSuites()) n.failed += suite.errors().length
    }
    this.#line = `${n.passed} passed, ${n.failed + n.pending} failed, ${n.skipped} skipped`
  }
}
