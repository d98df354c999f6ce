import { adapterSuite } from '@prm/conformance'
import { describe, test } from 'vitest'
import { suites } from './suite.ts'

describe.each(Object.entries(suites))('%s', (_, suite) => adapterSuite(test, suite))
