import { generateKeyPairSync } from 'node:crypto'
import forge from 'node-forge'

const { pki, asn1, pkcs12 } = forge

export interface Issued {
  readonly cert: string
  readonly key: string
  /** The same two as PKCS #12. */
  pfx(passphrase: string): Uint8Array
}
export interface Authority {
  readonly ca: string
  /** For 127.0.0.1 and localhost, from yesterday for two days, unless said otherwise. */
  issue(options?: { readonly from?: number; readonly until?: number; readonly names?: readonly string[] }): Issued
}

const day = 86_400_000

/** A certificate authority of this test alone. */
export function authority(name: string): Authority {
  const own = keys()
  const subject = [{ name: 'commonName', value: name }]
  const root = certificate(own.publicKey, subject, subject, own.privateKey, -day, day, [
    { name: 'basicConstraints', cA: true },
    { name: 'keyUsage', keyCertSign: true },
  ])
  return {
    ca: pki.certificateToPem(root),
    issue({ from = -day, until = day, names = ['localhost'] } = {}) {
      const { publicKey, privateKey, pem } = keys()
      const altNames = [...names.map((value) => ({ type: 2, value })), { type: 7, ip: '127.0.0.1' }]
      const cert = certificate(
        publicKey,
        [{ name: 'commonName', value: 'koha' }],
        subject,
        own.privateKey,
        from,
        until,
        [{ name: 'subjectAltName', altNames: names.length > 0 ? altNames : [{ type: 2, value: 'elsewhere.example' }] }],
      )
      return {
        cert: pki.certificateToPem(cert),
        key: pem,
        pfx: (passphrase) =>
          Buffer.from(asn1.toDer(pkcs12.toPkcs12Asn1(privateKey, [cert], passphrase)).getBytes(), 'binary'),
      }
    },
  }
}

function keys() {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  return { publicKey: pki.publicKeyFromPem(publicKey), privateKey: pki.privateKeyFromPem(privateKey), pem: privateKey }
}

let serial = 1
function certificate(
  publicKey: forge.pki.rsa.PublicKey,
  subject: forge.pki.CertificateField[],
  issuer: forge.pki.CertificateField[],
  signer: forge.pki.rsa.PrivateKey,
  from: number,
  until: number,
  extensions: object[],
): forge.pki.Certificate {
  const made = pki.createCertificate()
  made.publicKey = publicKey
  made.serialNumber = (serial++).toString(16).padStart(4, '0')
  made.validity.notBefore = new Date(Date.now() + from)
  made.validity.notAfter = new Date(Date.now() + until)
  made.setSubject(subject)
  made.setIssuer(issuer)
  made.setExtensions(extensions)
  made.sign(signer, forge.md.sha256.create())
  return made
}
