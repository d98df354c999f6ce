import type { Reporter, SerializedError, TestModule } from 'vitest/node'
import { slowest } from './test/slow-files.ts'

/**
 * Prints the ten slowest files, a line for each adapter's conformance, and "N passed, N failed, N skipped" alone on the last
 * line: CI reads it.
 */
export class PlainCount implements Reporter {
  #lines: readonly string[] = []

  onInit(): void {
    process.once('exit', () => {
      for (const line of this.#lines) console.log(line)
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
    const counts = `${n.passed} passed, ${n.failed + n.pending} failed, ${n.skipped} skipped`
    const timed = modules.map((module) => {
      const { collectDuration, duration, setupDuration } = module.diagnostic()
      return { file: module.moduleId, ms: collectDuration + duration + setupDuration }
    })
    this.#lines = [...slowest(timed, process.cwd()), ...modules.flatMap(conformance).sort(), counts]
  }
}

/**
 * "conformance twilio: 38 pass, 0 fail, 6 skip, 0 deviation", by the names that the suite gives its tests, after a line for
 * each check that turned out in the run to be none.
 */
function conformance(module: TestModule): readonly string[] {
  if (module.moduleId.endsWith('/conformance/test/mutants.long.test.ts')) {
    const mutants = [...module.children.allTests()].slice(1) // the first breaks nothing
    const caught = mutants.filter((test) => test.result().state === 'passed').length
    return mutants.length > 0 ? [`conformance mutants: ${caught} of ${mutants.length} caught by the named check`] : []
  }
  if (!/\/packages\/.*\/conformance\.test\.ts$/.test(module.moduleId)) return []
  return [...module.children.suites()].flatMap((suite) => {
    const lines: string[] = []
    const n = { pass: 0, fail: 0, skip: 0, deviation: 0 }
    for (const test of suite.children.allTests()) {
      const { state } = test.result()
      const { skipped } = test.meta()
      if (skipped) lines.push(`conformance ${suite.name} ${test.name}: skip, ${skipped}`)
      if (state !== 'passed' && state !== 'skipped') n.fail++
      else if (skipped || state === 'skipped' || / skipped: /.test(test.name)) n.skip++
      else if (/ deviation until /.test(test.name)) n.deviation++
      else n.pass++
    }
    const counts = Object.entries(n).map(([what, many]) => `${many} ${what}`)
    return [...lines, `conformance ${suite.name}: ${counts.join(', ')}`]
  })
}
