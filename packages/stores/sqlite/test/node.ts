import { test } from 'node:test'
import { storeSuite } from '@prm/conformance/store'
import { sqlite } from '../src/index.ts'

storeSuite(test, {
  open: (_, options) => sqlite({ ...options, memory: true }),
  lacks: { processes: 'it is in memory', moment: 'one connection' },
})
