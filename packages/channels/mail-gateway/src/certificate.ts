import { X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { type Context, type Finding, PrmError } from '@prm/core'
import type { MailGatewayConfig } from './config.ts'

type Files = NonNullable<MailGatewayConfig['tls']>

/** The files as they are now, and whether they were renewed since they were read. `read` throws `config`. */
export function certificateOf(files: Files): {
  renewed(): boolean
  read(): { readonly key: Buffer; readonly cert: Buffer }
} {
  let last = ''
  return {
    renewed: () => ![last, ''].includes(stampOf(files)),
    read() {
      last = stampOf(files)
      return readBoth(files)
    },
  }
}

function readBoth({ key, cert }: Files): { readonly key: Buffer; readonly cert: Buffer } {
  try {
    return { key: readFileSync(key), cert: readFileSync(cert) }
  } catch (cause) {
    const message = 'mailGateway: tls.key and tls.cert must be PEM files that this process may read.'
    throw new PrmError('config', message, { field: 'tls', cause })
  }
}

function stampOf({ key, cert }: Files): string {
  try {
    return [key, cert].map((path) => statSync(path).mtimeMs).join(' ')
  } catch {
    return '' // It is being written: the one that was read is good until the next connection.
  }
}

/** How long it is still good. */
export function checkCertificate(files: Files, { now }: Pick<Context, 'now'>): Finding {
  const what = 'listen.tls'
  const hint = 'Renew it; from the next connection on the new one is used.'
  try {
    const { validTo } = new X509Certificate(readBoth(files).cert)
    const days = Math.floor((Date.parse(validTo) - now().getTime()) / 86_400_000)
    return days < 0
      ? { what, ok: false, detail: `the certificate ended on ${validTo}`, hint }
      : { what, ok: true, detail: `the certificate is good for ${days} days`, ...(days < 14 && { hint }) }
  } catch (error) {
    return { what, ok: false, detail: PrmError.is(error) ? error.message : 'tls.cert is no certificate', hint }
  }
}
