import { X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { type CheckResult, type Context, PrmError } from '@prm/core/adapter'
import type { MailGatewayConfig } from './config.ts'

type Files = NonNullable<MailGatewayConfig['tls']>
export interface Pair {
  readonly key: Buffer
  readonly cert: Buffer
}

/** Answers the pair when its files changed since it was asked last. Throws `config` where they cannot be used. */
export function renewals(files: Files): () => Pair | undefined {
  let last = ''
  return () => {
    const now = [files.key, files.cert].map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs).join()
    if (now === last) return undefined
    last = now
    return read(files)
  }
}

function read({ key, cert }: Files): Pair {
  try {
    const pair = { key: readFileSync(key), cert: readFileSync(cert) }
    createSecureContext(pair)
    return pair
  } catch (cause) {
    const message = 'mailGateway: tls.key and tls.cert must be PEM files that belong together and can be read.'
    throw new PrmError('config', message, { field: 'tls', cause })
  }
}

/** How long it is still good. */
export function checkCertificate(files: Files, { now }: Pick<Context, 'now'>): CheckResult {
  const what = 'listen.tls'
  const hint = 'Renew it: from the next connection on the new one is used.'
  try {
    const { validTo } = new X509Certificate(read(files).cert)
    const days = Math.floor((Date.parse(validTo) - now().getTime()) / 86_400_000)
    return { what, ok: days >= 0, detail: `the certificate ends on ${validTo}`, ...(days < 14 && { hint }) }
  } catch (error) {
    return { what, ok: false, detail: PrmError.is(error) ? error.message : 'it cannot be read', hint }
  }
}
