import { adapterSuite } from '@prm/conformance'
import { describe } from 'vitest'
import { told } from '../../../conformance/test/told.ts'
import { suites } from './suite.ts'

describe.each(Object.entries(suites))('%s', (_, suite) => adapterSuite(told, suite))
