import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { PrmError } from '@prm/core/adapter'
import { parseConfig, type Wire } from '@prm/kit'
import { getProxyForUrl } from 'proxy-from-env'
import * as z from 'zod/mini'

export interface NetConfig {
  /** The authorities to trust, in PEM, one or several in a text, instead of those that Node comes with. */
  readonly ca?: string | readonly string[] | undefined
  /** A client certificate in PEM, with what stands between it and its authority, and its key; or all in one as PKCS #12. */
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly pfx?: Uint8Array | undefined
  /** Of the key, or of the PKCS #12 file. */
  readonly passphrase?: string | undefined
  /**
   * `http://user:password@proxy.library.example:3128` for every call, or `false` for none. By default what HTTPS_PROXY,
   * HTTP_PROXY and NO_PROXY of the environment say at each new connection.
   */
  readonly proxy?: string | false | undefined
}

export interface Net {
  /** For node:tls. */
  readonly tls: {
    readonly ca?: string[]
    readonly cert?: string
    readonly key?: string
    readonly pfx?: Buffer
    readonly passphrase?: string
  }
  proxyOf(url: string): URL | undefined
}

const text = z.string().check(z.minLength(1, 'a text'))
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'the bytes of a PKCS #12 file')
const proxyUrl = z.url({ protocol: /^https?$/, error: 'a URL such as http://proxy.library.example:3128, or false' })

const netConfig = z
  .strictObject({
    ca: z.optional(z.union([text, z.array(text)], 'certificates in PEM')),
    cert: z.optional(text),
    key: z.optional(text),
    pfx: z.optional(bytes),
    passphrase: z.optional(text),
    proxy: z.optional(
      z.union([z.literal(false), proxyUrl], 'a URL such as http://proxy.library.example:3128, or false'),
    ),
  })
  .check(
    z.refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
      error: 'cert and key, both',
      path: ['key'],
    }),
  ) as unknown as Wire<NetConfig>

/** Throws `config` naming the field, before any call: what of it Node would not read it would take in silence. */
export function netOf(config: NetConfig): Net {
  const { ca, cert, key, pfx, passphrase, proxy } = parseConfig(netConfig, config, 'fetchBy')
  const trusted = ca === undefined ? undefined : certificatesIn([ca].flat().join('\n'))
  const secret = passphrase === undefined ? {} : { passphrase }
  const tls = {
    ...(trusted && { ca: trusted }),
    ...(cert !== undefined && key !== undefined && { cert, key }),
    ...(pfx && { pfx: Buffer.from(pfx) }),
    ...secret,
  }
  readable('pfx', pfx && { pfx: tls.pfx, ...secret }, 'a PKCS #12 file and its passphrase')
  readable('cert', cert === undefined ? undefined : { cert }, 'a certificate in PEM')
  readable(
    'key',
    key === undefined ? undefined : { cert, key, ...secret },
    'the key of cert in PEM, and its passphrase',
  )
  return {
    tls,
    proxyOf: (url) => {
      const said = proxy ?? getProxyForUrl(url)
      return said ? new URL(said) : undefined
    },
  }
}

function certificatesIn(pem: string): string[] {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  try {
    for (const one of found) new X509Certificate(one)
  } catch {
    throw wrong('ca', 'certificates in PEM')
  }
  if (found.length === 0) throw wrong('ca', 'certificates in PEM')
  return found
}

function readable(field: string, options: object | undefined, expected: string): void {
  try {
    if (options) createSecureContext(options)
  } catch {
    throw wrong(field, expected) // OpenSSL's words are no help: "header too long"
  }
}

const wrong = (field: string, expected: string): PrmError =>
  new PrmError('config', `fetchBy: ${field} is wrong: expected ${expected}.`, { field })
