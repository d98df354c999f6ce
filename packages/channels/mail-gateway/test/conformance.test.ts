import { adapterSuite } from '@prm/conformance'
import { afterAll, describe, test } from 'vitest'
import { box, suites } from './suite.ts'

afterAll(() => box.close())
describe.each(Object.entries(suites))('%s', (_, suite) => adapterSuite(test, suite))
