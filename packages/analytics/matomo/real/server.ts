// A Matomo of its own: Debian's package, PHP's own server and a MariaDB, all in a temporary folder and on loopback.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const package_ = '/usr/share/matomo'
const password = 'alder-elm-ash'

export interface RealMatomo {
  readonly url: string
  readonly siteId: number
  /** Of a user who may view the site and no more. */
  readonly token: string
  /** Another of that user, that Matomo takes in the body of a POST and nowhere else. */
  tokenForPost(): Promise<string>
  /** Query strings of Matomo's Tracking API, stored with the clock times that they name. */
  track(hits: readonly Readonly<Record<string, string>>[]): Promise<void>
  /** One call of the reporting API, as it is answered. */
  ask(
    fields: Readonly<Record<string, string>>,
    how?: 'GET' | 'POST',
  ): Promise<{ status: number; type: string; text: string }>
  close(): Promise<void>
}

/** `folded`: how many rows of a folder, and how many searches, an archive keeps. Throws where Matomo, PHP or MariaDB is not installed. */
export async function start({ folded }: { readonly folded: number }): Promise<RealMatomo> {
  if (!existsSync(`${package_}/public/index.php`))
    throw new Error(
      'There is no Matomo here: apt-get install --no-install-recommends matomo mariadb-server-core mariadb-client-core php-cli php-mysql',
    )
  const folder = mkdtempSync(join(tmpdir(), 'prm-matomo-'))
  const running: ChildProcess[] = []
  const close = async (): Promise<void> => {
    for (const child of running.toReversed()) await ended(child)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const database = await mariadb(folder, running)
    const sql = (statement: string): void =>
      void execFileSync('mariadb', ['--no-defaults', '-uroot', `--socket=${join(folder, 'db.sock')}`, '-e', statement])
    const url = await php(folder, running)
    await install(url, database)
    // So that folding shows with few rows; and it asks nobody for updates.
    const limits = { actions: 500, subtable_actions: folded, site_search: folded }
    const lines = Object.entries(limits).map(([name, rows]) => `datatable_archiving_maximum_rows_${name} = ${rows}`)
    const settings = ['; <?php exit; ?>', '[General]', 'enable_internet_features = 0', ...lines]
    writeFileSync(join(folder, 'user/config/common.config.ini.php'), `${settings.join('\n')}\n`)
    return { ...(await users(url, sql)), url, siteId: 1, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function mariadb(folder: string, running: ChildProcess[]): Promise<string> {
  const [data, port] = [join(folder, 'db'), await freePort()]
  const own = ['--no-defaults', `--datadir=${data}`, ...(process.getuid?.() === 0 ? ['--user=root'] : [])]
  execFileSync('mariadb-install-db', [...own, '--auth-root-authentication-method=normal', '--skip-test-db'], {
    stdio: 'ignore',
  })
  const at = ['--bind-address=127.0.0.1', `--port=${port}`, `--socket=${join(folder, 'db.sock')}`]
  running.push(spawn('mariadbd', [...own, ...at, '--max-allowed-packet=64M'], { stdio: 'ignore' }))
  await until('MariaDB', () => existsSync(join(folder, 'db.sock')))
  return `127.0.0.1:${port}`
}

async function php(folder: string, running: ChildProcess[]): Promise<string> {
  const [user, port] = [join(folder, 'user'), await freePort()]
  for (const name of ['config', 'tmp']) mkdirSync(join(user, name), { recursive: true })
  for (const name of ['global.ini.php', 'global.php', 'environment'])
    execFileSync('cp', ['-r', `${package_}/config/${name}`, join(user, 'config')])
  const before = join(folder, 'prepend.php')
  writeFileSync(before, `<?php define('PIWIK_USER_PATH', '${user}'); define('MATOMO_TMP_PATH', '${user}/tmp');\n`)
  const settings = [`auto_prepend_file=${before}`, 'sendmail_path=/bin/true', 'memory_limit=512M']
  const at = ['-S', `127.0.0.1:${port}`, '-t', `${package_}/public`]
  running.push(spawn('php', [...settings.flatMap((one) => ['-d', one]), ...at], { stdio: 'ignore' }))
  const url = `http://127.0.0.1:${port}`
  await until('PHP', () =>
    fetch(`${url}/robots.txt`).then(
      () => true,
      () => false,
    ),
  )
  return url
}

/** Through its own installer, page by page. */
async function install(url: string, host: string): Promise<void> {
  const step = async (action: string, fields?: Readonly<Record<string, string>>): Promise<void> => {
    const response = await fetch(`${url}/index.php?module=Installation&action=${action}`, {
      redirect: 'manual',
      ...(fields && { method: 'POST', body: new URLSearchParams(fields) }),
    })
    // A form that was taken leads on; one that was not is shown again.
    if (response.status !== (fields ? 302 : 200))
      throw new Error(`Matomo's installer stopped at ${action}: ${response.status}`)
  }
  await step('welcome')
  const database = { type: 'InnoDB', host, username: 'root', password: '', dbname: 'matomo' }
  await step('databaseSetup', { ...database, tables_prefix: 'm_', adapter: 'PDO\\MYSQL', schema: 'Mariadb' })
  await step('tablesCreation')
  const admin = { login: 'admin', password, password_bis: password, email: 'web@example.org' }
  await step('setupSuperUser', admin)
  const place = {
    siteName: 'Guides',
    url: 'https://guides.library.example',
    timezone: 'America/Chicago',
    ecommerce: '0',
  }
  await step('firstWebsiteSetup', place)
  await step('finished', { submit: '1' })
}

async function users(
  url: string,
  sql: (statement: string) => void,
): Promise<Pick<RealMatomo, 'token' | 'tokenForPost' | 'track' | 'ask'>> {
  const ask: RealMatomo['ask'] = async (fields, how = 'POST') => {
    const all = new URLSearchParams({ module: 'API', format: 'JSON', ...fields })
    const response = await (how === 'GET'
      ? fetch(`${url}/index.php?${all}`)
      : fetch(`${url}/index.php`, { method: 'POST', body: all }))
    const { status, headers } = response
    return { status, type: headers.get('content-type') ?? '', text: await response.text() }
  }
  const done = async (method: string, fields: Readonly<Record<string, string>>): Promise<unknown> => {
    const { text } = await ask({ method, ...fields })
    const answer = JSON.parse(text)
    if (answer.result === 'error') throw new Error(`${method}: ${answer.message}`)
    return answer
  }
  const token = async (userLogin: string, description = 'prm'): Promise<string> => {
    const made = await done('UsersManager.createAppSpecificTokenAuth', {
      userLogin,
      passwordConfirmation: password,
      description,
    })
    return (made as { value: string }).value
  }
  const admin = await token('admin')
  const as = { token_auth: admin, passwordConfirmation: password }
  await done('SitesManager.updateSite', { ...as, idSite: '1', timezone: 'America/Chicago' })
  await done('UsersManager.addUser', { ...as, userLogin: 'reader', password, email: 'reader@example.org' })
  await done('UsersManager.setUserAccess', { ...as, userLogin: 'reader', access: 'view', idSites: '1' })
  return {
    token: await token('reader'),
    async tokenForPost() {
      const made = await token('reader', 'for POST')
      // Its own page can make one so, its API cannot.
      sql("update matomo.m_user_token_auth set secure_only = 1 where description = 'for POST'")
      return made
    },
    ask,
    async track(hits) {
      const requests = hits.map(
        (hit) => `?${new URLSearchParams({ idsite: '1', rec: '1', apiv: '1', send_image: '0', ...hit })}`,
      )
      const body = JSON.stringify({ requests, token_auth: admin })
      const response = await fetch(`${url}/matomo.php`, { method: 'POST', body })
      const { tracked } = (await response.json()) as { tracked: number }
      if (tracked !== hits.length) throw new Error(`Matomo tracked ${tracked} of ${hits.length}.`)
    },
  }
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let n = 0; n < 300; n++) {
    if (await holds()) return
    await new Promise((done) => setTimeout(done, 100))
  }
  throw new Error(`${what} did not start in 30 s.`)
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const over = new Promise((done) => child.once('exit', done))
  child.kill()
  await over
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer()
    server.once('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => done(port))
    })
  })
}
