import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { open } from '../src/sqlite.ts'

/** A file whose statements fail when `strikes` says so: one, without having been run; or that one and all after it, run or not. */
export function struck(file: string, strikes: () => boolean, dies: boolean): DatabaseSync {
  const database = open(file)
  const prepare = database.prepare.bind(database)
  let dead = false
  function moment(): void {
    if (!dead && !strikes()) return
    dead = dies
    throw new Error('struck')
  }
  database.prepare = (sql) => {
    const statement = prepare(sql)
    for (const name of ['all', 'run'] as const) {
      const send: (...values: SQLInputValue[]) => unknown = statement[name].bind(statement)
      const sent = (...values: SQLInputValue[]): unknown => {
        moment()
        const answer = send(...values)
        if (dies) moment()
        return answer
      }
      Object.assign(statement, { [name]: sent })
    }
    return statement
  }
  return database
}
