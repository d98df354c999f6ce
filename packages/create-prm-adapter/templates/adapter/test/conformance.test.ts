import { adapterSuite } from '@prm/conformance'
import { test } from 'vitest'
import { suites } from './suite.ts'

for (const suite of Object.values(suites)) adapterSuite(test, suite)
