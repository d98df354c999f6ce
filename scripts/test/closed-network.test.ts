import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'

test.each(['127.0.0.1', 'localhost', '[::1]'])('a server on %s can be reached', async (host) => {
  const server = createServer((_, response) => response.end('here'))
  await new Promise<void>((done) => server.listen(0, host === '[::1]' ? '::1' : host, done))
  const { port } = server.address() as AddressInfo
  expect(await (await fetch(`http://${host}:${port}/`)).text()).toBe('here')
  server.close()
})

test.each(['http://198.51.100.1/', 'https://api.example.org/'])('%s is refused before it is dialled', async (url) => {
  await expect(fetch(url)).rejects.toMatchObject({
    cause: { code: 'ENETUNREACH', message: expect.stringMatching(/network is closed to tests/) },
  })
})
