import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Store } from '@prm/core'
import { postgres } from '@prm/store-postgres'
import { sqlite } from '@prm/store-sqlite'
import { startServer } from '../../packages/stores/postgres/test/server.ts'

export interface Database {
  /** A file, or the URL of a PostgreSQL. */
  readonly where: string
  /** The harness's own way in. */
  store(): Store
  /** Kills the database itself and starts it again, where it is no part of the workers. */
  crash?(): Promise<void>
  /** Keeps a copy of all that is in it; nobody works meanwhile. */
  keep(): Promise<void>
  /** Puts the copy back: the machine was restored from a snapshot. */
  putBack(): Promise<void>
  remove(): Promise<void>
}

export async function database(kind: 'sqlite' | 'postgres', folder: string): Promise<Database> {
  return kind === 'sqlite' ? file(join(folder, 'store.db')) : server()
}

function file(where: string): Database {
  const parts = ['', '-wal', '-shm'].map((end) => `${where}${end}`)
  let own = sqlite({ file: where })
  return {
    where,
    store: () => own,
    async keep() {
      for (const part of parts) if (existsSync(part)) copyFileSync(part, `${part}.kept`)
    },
    async putBack() {
      await own.close()
      for (const part of parts) {
        rmSync(part, { force: true })
        if (existsSync(`${part}.kept`)) copyFileSync(`${part}.kept`, part)
      }
      own = sqlite({ file: where })
    },
    remove: () => own.close(),
  }
}

async function server(): Promise<Database> {
  const its = await startServer()
  if (typeof its === 'string') throw new Error(`--store postgres: ${its}.`)
  const own = postgres({ url: its.url })
  /** With owners and rights, which PostgreSQL looks at. */
  const copied = async (from: string, to: string): Promise<void> => {
    await its.stop('immediate')
    rmSync(to, { recursive: true, force: true })
    const { status, stderr } = spawnSync('cp', ['-a', from, to], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`The data of PostgreSQL could not be copied: ${stderr}`)
    await its.start()
  }
  return {
    where: its.url,
    store: () => own,
    async crash() {
      await its.kill()
      await its.start()
    },
    keep: () => copied(its.data, `${its.data}.kept`),
    putBack: () => copied(`${its.data}.kept`, its.data),
    async remove() {
      await own.close()
      await its.remove()
    },
  }
}
