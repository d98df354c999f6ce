import { storeSuite } from '@prm/conformance/store'
import { test } from 'vitest'
import { type Here, onServer, place } from './place.ts'

const places = new Map<string, Here>()

onServer('PostgreSQL', { timeout: 60_000 }, () => {
  storeSuite(test, {
    open(database, options) {
      const here = places.get(database) ?? place()
      places.set(database, here)
      return here.open(options)
    },
    remove: (database) => places.get(database)?.remove(),
  })
})
