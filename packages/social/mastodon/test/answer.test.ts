import { thrown } from '@prm/conformance'
import type { LookupQuery, Outbound } from '@prm/core'
import { describe, expect, test } from 'vitest'
import { hour, minute, type Rig, rig } from './rig.ts'

const text = 'We are open until nine.'
const to = (value: string): Outbound['to'] => ({ scheme: 'post', value })
const outbound = (value: string, more: Partial<Outbound> = {}): Outbound => ({
  key: 'answer 1',
  to: to(value),
  content: { text },
  purpose: 'mentions',
  ...more,
})
const raws = ({ simulator }: Rig) =>
  simulator.received().map(({ raw }) => raw as { readonly id: string; readonly status: string })

describe('an answer', () => {
  test('names the author, stands below the post, and its receipt is the id of ours', async () => {
    const all = await rig()
    const id = all.simulator.post({ by: 'wren@else.example', text: 'Open? #AlderLibrary', language: 'de' })
    const receipt = await all.adapter.channel.send(outbound(id), all.ctx())
    expect(raws(all)).toEqual([
      {
        status: `@wren@else.example ${text}`,
        in_reply_to_id: id,
        visibility: 'public',
        language: 'de',
        id: receipt.id,
      },
    ])
    expect(all.simulator.received()[0]).toMatchObject({ key: 'answer 1', text })
    expect(receipt.state).toBe('delivered')
  })

  test('to a post of the instance itself names it without a host, and not twice', async () => {
    const all = await rig()
    const id = all.simulator.post({ by: 'ife', text: 'Open?' })
    await all.adapter.channel.send(outbound(id), all.ctx())
    await all.adapter.channel.send(outbound(id, { key: '2', content: { text: 'Yes, @Ife!' } }), all.ctx())
    await all.adapter.channel.send(outbound(id, { key: '3', content: { text: 'Yes, @ife2!' } }), all.ctx())
    expect(raws(all).map(({ status }) => status)).toEqual([`@ife ${text}`, 'Yes, @Ife!', '@ife Yes, @ife2!'])
  })

  test('takes over an unlisted visibility and a content warning', async () => {
    const all = await rig()
    const id = all.simulator.post({ by: 'ife', text: 'Loud', visibility: 'unlisted', warning: 'noise' })
    await all.adapter.channel.send(outbound(id), all.ctx())
    expect(raws(all)[0]).toMatchObject({ visibility: 'unlisted', spoiler_text: 'noise' })
  })

  test.each(['private', 'direct'] as const)('to a post that is %s is refused: not in public', async (visibility) => {
    const all = await rig()
    const id = all.simulator.post({ by: 'ife', text: '@library hello', visibility })
    const error = await thrown(all.adapter.channel.send(outbound(id), all.ctx()))
    expect([error.code, raws(all)]).toEqual(['unsupported', []])
  })

  test('to a message is direct, and below it', async () => {
    const all = await rig()
    const one = all.simulator.post({ by: 'wren@else.example', text: '@library my card', visibility: 'direct' })
    const two = all.simulator.post({ by: 'wren@else.example', text: '@library is lost', visibility: 'private' })
    const answers = [{ key: `status ${one}` }, { key: `status ${two}` }]
    const acct = { scheme: 'acct', value: 'wren@else.example', realm: all.host }
    await all.adapter.channel.send(outbound('', { to: acct, inReplyTo: answers }), all.ctx())
    expect(raws(all)).toMatchObject([
      { status: `@wren@else.example ${text}`, in_reply_to_id: two, visibility: 'direct' },
    ])
  })

  test('to an account that wrote nothing, or not that, is refused', async () => {
    const all = await rig()
    const id = all.simulator.post({ by: 'ife', text: '@library hello', visibility: 'direct' })
    const acct = { scheme: 'acct', value: 'wren@else.example' }
    const send = (more: Partial<Outbound>) => thrown(all.adapter.channel.send(outbound('', more), all.ctx()))
    expect((await send({ to: acct })).code).toBe('unsupported')
    expect((await send({ to: acct, inReplyTo: [{ key: 'notification 7' }] })).code).toBe('unsupported')
    expect((await send({ to: acct, inReplyTo: [{ key: `status ${id}` }] })).code).toBe('invalid')
    expect((await send({ to: { scheme: 'tel', value: '+12125550100' } })).code).toBe('invalid')
    expect(raws(all)).toEqual([])
  })

  test('to a post that is gone, of another instance, too long, empty or too late is refused', async () => {
    const all = await rig()
    const id = all.simulator.post({ by: 'ife', text: 'Open?' })
    const codes = async (value: string, more: Partial<Outbound> = {}) =>
      (await thrown(all.adapter.channel.send(outbound(value, more), all.ctx()))).code
    expect(await codes('404404404404404404')).toBe('not_found')
    expect(await codes(id, { to: { ...to(id), realm: 'else.example' } })).toBe('invalid')
    expect(await codes(id, { content: { text: 'x'.repeat(496) } })).toBe('invalid')
    expect(await codes(id, { content: { text: ' ' } })).toBe('invalid')
    expect(await codes(id, { expireAt: all.ctx().now().toISOString() })).toBe('invalid')
    all.simulator.remove(id)
    expect(await codes(id)).toBe('not_found')
    expect(raws(all)).toEqual([])
  })

  test('of just the length that the instance takes goes, and one letter more is refused by both in the same words', async () => {
    const all = await rig()
    const id = all.simulator.post({ by: 'wren@else.example', text: 'Open?', warning: 'hm' })
    const link = `https://example.org/${'x'.repeat(300)}`
    const room = 500 - '@wren '.length - 'hm'.length - 23
    const send = (count: number, maxCharacters = 500) =>
      all
        .remade({ maxCharacters })
        .channel.send(
          outbound(id, { key: `${count}`, content: { text: `${'é'.repeat(count - 1)} ${link}` } }),
          all.ctx(),
        )
    expect((await send(room)).id).toBeDefined()
    expect((await thrown(send(room + 1))).message).toContain('501 characters')
    // The instance counts the same, where the config does not know its limit.
    expect((await thrown(send(room + 2, 9999))).vendor?.status).toBe(422)
  })

  test('to a post whose author closed the account meanwhile is not found', async () => {
    const all = await rig()
    const id = all.simulator.post({ by: 'ife', text: 'Open?' })
    all.simulator.suspend('ife')
    expect((await thrown(all.adapter.channel.send(outbound(id), all.ctx()))).code).toBe('not_found')
  })

  test('by an account that is suspended is forbidden: the work is kept', async () => {
    const all = await rig()
    const id = all.simulator.post({ by: 'ife', text: 'Open?' })
    all.simulator.suspend('library')
    expect((await thrown(all.adapter.channel.send(outbound(id), all.ctx()))).code).toBe('forbidden')
  })
})

describe('an answer whose outcome is unknown', () => {
  const sought = (all: Rig, id: string, more: Partial<LookupQuery> = {}): LookupQuery => {
    const now = all.ctx().now().getTime()
    const [from, until] = [new Date(now - hour).toISOString(), new Date(now).toISOString()]
    return { key: 'answer 1', to: to(id), from, until, content: { text }, excludeProviderIds: [], ...more }
  }

  test('is sent again within the hour, and the instance knows its key', async () => {
    const all = await rig()
    const id = all.simulator.post({ by: 'ife', text: 'Open?' })
    all.simulator.fault('reset-after-accept')
    expect((await thrown(all.adapter.channel.send(outbound(id), all.ctx()))).code).toBe('unknown')
    all.wait(50 * minute)
    const { id: first } = await all.adapter.channel.send(outbound(id), all.ctx())
    expect([raws(all).length, raws(all)[0]?.id]).toEqual([1, first])
    // After that it does not: so core looks, and does not send.
    all.wait(11 * minute)
    await all.adapter.channel.send(outbound(id), all.ctx())
    expect(raws(all).length).toBe(2)
    expect(all.adapter.channel.limits.idempotent).toBe(false)
  })

  test('is found by what it answers and its words, among others', async () => {
    const all = await rig()
    const [a, b] = [all.simulator.post({ by: 'ife', text: 'Open?' }), all.simulator.post({ by: 'ife', text: 'Shut?' })]
    const { lookup } = all.adapter.channel
    await all.adapter.channel.send(outbound(b, { key: 'other post' }), all.ctx())
    await all.adapter.channel.send(outbound(a, { key: 'other words', content: { text: 'Yes.' } }), all.ctx())
    expect(await lookup(sought(all, a), all.ctx())).toBe('absent')
    const { id } = await all.adapter.channel.send(outbound(a), all.ctx())
    for (let n = 0; n < 90; n++) all.simulator.post({ by: 'library', text: `News ${n}` })
    expect(await lookup(sought(all, a), all.ctx())).toMatchObject({ id, state: 'delivered' })
    expect(await lookup(sought(all, a, { excludeProviderIds: [id ?? ''] }), all.ctx())).toBe('absent')
    expect(await lookup(sought(all, a, { id: id ?? '' }), all.ctx())).toMatchObject({ id })
    all.wait(3 * hour)
    expect(await lookup(sought(all, a), all.ctx())).toBe('absent')
  })

  test('of a message is found by whom it names', async () => {
    const all = await rig()
    const one = all.simulator.post({ by: 'ife', text: '@library lost', visibility: 'direct' })
    const acct = { scheme: 'acct', value: `ife@${all.host}` }
    const message = outbound('', { to: acct, inReplyTo: [{ key: `status ${one}` }] })
    const { id } = await all.adapter.channel.send(message, all.ctx())
    const { lookup } = all.adapter.channel
    expect(await lookup(sought(all, '', { to: acct }), all.ctx())).toMatchObject({ id })
    expect(await lookup(sought(all, '', { to: { ...acct, value: 'wren@else.example' } }), all.ctx())).toBe('absent')
  })

  test('is unsure among more than can be looked through', async () => {
    const all = await rig()
    const id = all.simulator.post({ by: 'ife', text: 'Open?' })
    for (let n = 0; n < 450; n++) all.simulator.post({ by: 'library', text: `News ${n}` })
    expect(await all.adapter.channel.lookup(sought(all, id), all.ctx())).toBe('unsure')
  })
})

test('our own post can be deleted, and what others wrote is not ours', async () => {
  const all = await rig()
  const id = all.simulator.post({ by: 'ife', text: 'Open?' })
  const { id: ours = '' } = await all.adapter.channel.send(outbound(id), all.ctx())
  await all.adapter.channel.remove(ours, all.ctx())
  for (const one of [ours, id, `status ${id}`])
    expect((await thrown(all.adapter.channel.remove(one, all.ctx()))).code).toBe('not_found')
  expect(
    await all.adapter.channel.lookup(
      { ...outbound(id), id: ours, from: '', until: '', excludeProviderIds: [] },
      all.ctx(),
    ),
  ).toBe('unsure')
})

test('what is measured has room for whom it answers', async () => {
  const { adapter } = await rig()
  const measure = (text: string) => adapter.channel.measure({ text })
  expect(measure('x'.repeat(468))).toEqual({ units: 1, unit: 'message', warnings: [] })
  expect(measure('x'.repeat(469))).toMatchObject({
    tooLong: true,
    warnings: [expect.stringContaining('501 characters')],
  })
  expect(measure(`@wren@else.example ${'x'.repeat(494)}`).tooLong).toBeUndefined()
})

describe('whom an answer names', () => {
  test('is its author, also where the words only link there', async () => {
    const all = await rig()
    const id = all.simulator.post({ by: 'ife', text: '@library hello', visibility: 'direct' })
    const acct = { scheme: 'acct', value: `ife@${all.host}` }
    const content = { text: 'See https://social.example/@ife and x=@ife.' }
    await all.adapter.channel.send(outbound('', { to: acct, inReplyTo: [{ key: `status ${id}` }], content }), all.ctx())
    expect(raws(all)[0]?.status).toBe(`@ife ${content.text}`)
  })

  test('is its author alone where it is direct: others would read it', async () => {
    const all = await rig()
    const id = all.simulator.post({ by: 'wren@else.example', text: '@library hello', visibility: 'direct' })
    const send = (text: string) =>
      all.adapter.channel.send(
        outbound('', {
          key: text,
          to: { scheme: 'acct', value: 'wren@else.example' },
          inReplyTo: [{ key: `status ${id}` }],
          content: { text },
        }),
        all.ctx(),
      )
    for (const text of [
      'Ask @ife.',
      '@wren@else.example and @ife@other.example',
      'Hello @wren',
      'Ask (@wren@else.example.org)',
    ])
      expect((await thrown(send(text))).code).toBe('invalid')
    expect(raws(all)).toEqual([])
    await send('@Wren@Else.example: write to desk@library.example, see https://else.example/@ife')
    expect(raws(all).length).toBe(1)
  })
})

test('an answer is found though the instance took the blanks around it, and though its clock is another', async () => {
  const all = await rig()
  const id = all.simulator.post({ by: 'ife', text: 'Open?' })
  const content = { text: `${text}\n` }
  const { id: ours } = await all.adapter.channel.send(outbound(id, { content }), all.ctx())
  const at = (ms: number) => new Date(all.ctx().now().getTime() + ms).toISOString()
  const sought = { key: 'answer 1', to: to(id), content, excludeProviderIds: [] }
  const { lookup } = all.adapter.channel
  for (const ms of [0, -40 * minute, 40 * minute])
    expect(await lookup({ ...sought, from: at(ms), until: at(ms) }, all.ctx())).toMatchObject({ id: ours })
})
