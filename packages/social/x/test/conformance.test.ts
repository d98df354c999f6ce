import { adapterSuite, type Test } from '@prm/conformance'
import { describe, test } from 'vitest'
import { suites } from './suite.ts'

/** A fault that this network cannot have is told on the console and is no test left out. */
const told: Test = (name, run) => test(name, () => run())

describe.each(Object.entries(suites))('%s', (_, suite) => adapterSuite(told, suite))
