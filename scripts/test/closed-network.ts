import nock from 'nock'
import { beforeEach } from 'vitest'

// Hosts as nock spells them: with a port, IPv6 with or without brackets.
const loopback = /^(localhost|127(\.\d+){3}|\[?::1\]?)(:\d+)?$/

function close(): void {
  nock.disableNetConnect()
  nock.enableNetConnect(loopback)
}

close()
beforeEach(close) // also after a test that opened the network for itself
