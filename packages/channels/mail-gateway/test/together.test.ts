import { expect, test } from 'vitest'
import { sendAsKoha } from '../simulator/index.ts'
import { domain, library } from './library.ts'

const mail = {
  to: '2125550134',
  domain,
  from: 'circ@alder.example',
  subject: 'Hold Available for Pickup',
  text: 'Alder Library: “Ada”, your hold is ready 📚',
  messageId: '<1764.a@koha.alder.example>',
}

test('what Koha mails to number@domain is one text on that phone', async () => {
  const { port, prm, texts, close } = await library()
  expect(await sendAsKoha({ port }, mail)).toMatch(/^250 /)
  await prm.settled()
  expect(texts()).toEqual([{ to: '+12125550134', text: mail.text }])
  await close()
})
