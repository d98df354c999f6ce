import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A self-signed certificate, made by openssl for this run. */
export function certificate(
  days = 30,
  folder: string = mkdtempSync(join(tmpdir(), 'prm-mail-')),
): {
  readonly key: string
  readonly cert: string
  readonly folder: string
} {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const of = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-subj', '/CN=sms.alder.example']
  execFileSync('openssl', ['req', '-x509', '-nodes', ...of, '-days', String(days), '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  })
  return { key, cert, folder }
}
