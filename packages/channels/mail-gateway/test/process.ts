// A gateway as a process of its own: `process.ts FILE PORT TWILIO [before|after]`. It dies of itself before or after the commit.
import { createPrm } from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
import { twilio } from '@prm/twilio'
import { mailGateway, noticeMailed } from '../src/index.ts'

const [file = '', port = '0', account = '{}', dies = ''] = process.argv.slice(2)
const mail = mailGateway({
  region: 'US',
  domains: ['sms.alder.example'],
  clients: ['127.0.0.1'],
  port: Number(port),
})
const prm = createPrm({
  library: { id: 'alder', name: 'Alder Library', timeZone: 'America/Chicago', locale: 'en', region: 'US' },
  store: sqlite({ file }),
  adapters: { mail, sms: twilio(JSON.parse(account)) },
  purposes: { notices: { basis: 'service', class: 'service', media: ['sms'], quietHours: 'ignore' } },
})
prm.flow('mailed', noticeMailed, async ({ event: { key, source, who, data }, prm }) => {
  const content = { text: data.text }
  if (who) await prm.send({ to: who, purpose: 'notices', content, key, about: [{ source, key }] })
})
const record: typeof prm.record = async (facts, people) => {
  if (dies === 'before') process.kill(process.pid, 'SIGKILL')
  const recorded = await prm.record(facts, people)
  if (dies === 'after') process.kill(process.pid, 'SIGKILL')
  return recorded
}
const listening = await mail.listen({ ...prm, record })
console.log(`port ${listening.port}`)
if (dies === '') await prm.run()
