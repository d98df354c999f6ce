import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../../../scripts/test/free-port.ts'

const program = ['/usr/sbin/dovecot', '/usr/local/sbin/dovecot'].find((path) => existsSync(path))
export const noDovecot: string | false = program === undefined && 'there is no dovecot here (Debian: dovecot-imapd)'

export interface Dovecot {
  readonly port: number
  readonly password: string
  /** Puts a mail into a mailbox, as a mail server does. */
  deliver(user: string, raw: string | Buffer, mailbox?: string): Promise<void>
  /** Forgets UIDs and UIDVALIDITY: the mails are there, and have other numbers. */
  renumber(user: string): Promise<void>
  count(user: string, mailbox?: string): number
  stop(): Promise<void>
}

/** A real IMAP server of loopback, under an account without rights. Every user has the same password. */
export async function dovecot(): Promise<Dovecot> {
  const folder = mkdtempSync(join(tmpdir(), 'dovecot-'))
  const root = userInfo().uid === 0
  const { uid, gid, username } = root ? account('nobody') : { ...userInfo(), username: userInfo().username }
  const group = execFileSync('id', ['-gn', username], { encoding: 'utf8' }).trim()
  const port = await freePort()
  const password = randomUUID()
  const file = join(folder, 'dovecot.conf')
  writeFileSync(file, settings({ folder, port, password, uid, gid, username, group }))
  for (const name of ['run', 'state', 'mail']) mkdirSync(join(folder, name))
  if (root) for (const name of ['', 'run', 'state', 'mail', 'dovecot.conf']) chownSync(join(folder, name), uid, gid)
  chmodSync(folder, 0o755)
  const child = spawn(program as string, ['-F', '-c', file], { stdio: 'ignore', ...(root && { uid, gid }) })
  await answers(child, port)
  const own = (path: string) => root && chownSync(path, uid, gid)
  const at = (user: string, mailbox = 'INBOX') => join(folder, 'mail', user, mailbox === 'INBOX' ? '' : `.${mailbox}`)
  let delivered = 0
  return {
    port,
    password,
    async deliver(user, raw, mailbox) {
      const box = at(user, mailbox)
      for (const path of [at(user), box, ...['tmp', 'new', 'cur'].map((name) => join(box, name))]) {
        if (existsSync(path)) continue
        mkdirSync(path)
        own(path)
      }
      const name = join(box, 'new', `${Math.floor(Date.now() / 1000)}.M${String(++delivered).padStart(8, '0')}.test`)
      writeFileSync(name, raw)
      own(name)
    },
    async renumber(user) {
      // Its UIDVALIDITY is the second in which a mailbox was made.
      await new Promise((done) => setTimeout(done, 1_100))
      for (const name of readdirSync(at(user)))
        if (/^dovecot/.test(name)) rmSync(join(at(user), name), { recursive: true })
    },
    count: (user, mailbox) =>
      ['new', 'cur'].flatMap((name) => {
        const path = join(at(user, mailbox), name)
        return existsSync(path) ? readdirSync(path) : []
      }).length,
    async stop() {
      const ended = new Promise((done) => child.once('exit', done))
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function account(username: string): { uid: number; gid: number; username: string } {
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, username], { encoding: 'utf8' })))
  return { uid: uid as number, gid: gid as number, username }
}

async function answers(child: ChildProcess, port: number): Promise<void> {
  for (const end = performance.now() + 20_000; performance.now() < end; ) {
    if (child.exitCode !== null) throw new Error(`dovecot ended with ${child.exitCode}`)
    const open = await new Promise<boolean>((done) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('data', () => done(true))
      socket.once('error', () => done(false))
      socket.once('data', () => socket.destroy())
    })
    if (open) return
    await new Promise((done) => setTimeout(done, 50))
  }
  throw new Error('dovecot does not answer')
}

interface Settings {
  readonly folder: string
  readonly port: number
  readonly password: string
  readonly uid: number
  readonly gid: number
  readonly username: string
  readonly group: string
}

function settings({ folder, port, password, uid, gid, username, group }: Settings): string {
  return `
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
auth_allow_cleartext = yes
auth_failure_delay = 0
default_login_user = ${username}
default_internal_user = ${username}
default_internal_group = ${group}
first_valid_uid = 1
mail_driver = maildir
mail_path = ${folder}/mail/%{user}
passdb static {
  password = ${password}
}
userdb static {
  fields {
    uid = ${uid}
    gid = ${gid}
    home = ${folder}/mail/%{user}
  }
}
namespace inbox {
  inbox = yes
  separator = .
  mailbox Sent {
    auto = create
    special_use = \\Sent
  }
}
service anvil {
  chroot =
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
`
}
