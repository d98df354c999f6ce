import { spoiled } from '@prm/kit/simulator'
import { ok, type Route, refused } from './account.ts'

/** `PUT /notices/ID/outcome`. */
export const writeBack: Route = (account, { method, url, body }, fault) => {
  const [, id] = /^\/notices\/([^/]+)\/outcome$/.exec(url.pathname) ?? []
  if (method !== 'PUT' || id === undefined) return undefined
  if (!/^N\d+$/.test(id)) return refused(404, 'no_such_notice')
  account.told.set(id, JSON.parse(body))
  return spoiled(fault, ok({}))
}
