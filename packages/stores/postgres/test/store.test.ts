import { test } from 'vitest'
import { storeSuite } from '../../sql/test/suite/index.ts'
import { onServer, place } from './place.ts'

onServer('PostgreSQL', { timeout: 60_000 }, () => {
  storeSuite(test, place)
})
