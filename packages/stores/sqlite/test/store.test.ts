import { describe, test } from 'vitest'
import { storeSuite } from '../../sql/test/suite/index.ts'
import { place } from './place.ts'

describe('a store file', { timeout: 30_000 }, () => {
  storeSuite(test, place)
})
