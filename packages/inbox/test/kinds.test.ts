import { PrmError } from '@prm/core'
import { describe, expect, test } from 'vitest'
import type { Filled, Kind } from '../src/index.ts'
import { board, hostile } from './board.ts'
import { field } from './town.ts'

const body = async (response: Response | Promise<Response>): Promise<string> => (await response).text()

async function posted(kind: Partial<Kind> = {}) {
  const done: (readonly [string, Filled])[] = []
  const all = await board({ act: async (form, filled) => void done.push([form, filled]), ...kind })
  const page = await body(all.get(all.path))
  const send = (what: string, fields: Record<string, string> = {}) =>
    all.post(all.path, { token: field(page, 'token'), seen: field(page, 'seen'), do: what, ...fields })
  return { ...all, done, page, send }
}

describe('a conversation of a kind of its own', () => {
  test('stands in the list beside texts, with its own words and not those of a text', async () => {
    const { get } = await posted()
    const list = await body(get(''))
    expect(list).toContain('can my wife collect it?')
    expect(list).toMatch(/<span dir="auto">birdsite<\/span>/)
    expect(list).toContain(
      '<a href="https://birdsite.example.org/1" rel="noopener noreferrer" referrerpolicy="no-referrer">',
    )
    expect(list).toMatch(/<span class="late" dir="auto">by <time datetime="2026-11-24T15:00:00.000Z"/)
    expect(list.match(/>Task</g)).toBeNull()
  })

  test('has its own forms, no answer box and no button to close, put off or open again', async () => {
    const { page, get } = await posted()
    expect(page).toContain('Approve and post')
    for (const what of ['reply', 'close', 'snooze', 'reopen']) expect(page).not.toContain(`value="${what}"`)
    for (const what of ['claim', 'note', 'assign', 'tag']) expect(page).toContain(`name="do" value="${what}"`)
    // A text has its answer box beside it.
    const [, id = ''] = /href="[^"]*\/c\/([^"]+)"[^>]*>can my wife/.exec(await body(get(''))) ?? []
    expect(await body(get(`/c/${id}`))).toContain('name="do" value="reply"')
  })

  test.each(['reply', 'close', 'snooze', 'reopen'])('is not acted on by a forged form: %s', async (what) => {
    const { send, desk, id, done } = await posted()
    const response = await send(what, { text: 'x', hours: '1' })
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('There is no such button')])
    expect((await desk.thread(id)).conversation.state).toBe('open')
    expect(done).toEqual([])
  })

  test('is acted on once by its own form, by who is signed in, with what was looked at, and says what was done', async () => {
    const { send, done, id, get } = await posted()
    const response = await send('own.approve', { n: '2', words: ' two\r\nlines ' })
    expect(response.status).toBe(303)
    expect(done).toEqual([
      ['approve', { id, seen: 1, actor: { kind: 'staff', id: 'sam' }, fields: { n: '2', words: 'two\nlines' } }],
    ])
    const location = new URL(response.headers.get('location') ?? '', 'https://library.example')
    expect(await body(get(`/c/${encodeURIComponent(id)}${location.search}`))).toContain('Approved, it says.')
    // A word that is nobody's says nothing.
    expect(await body(get(`/c/${encodeURIComponent(id)}?done=%3Cb%3E`))).not.toContain('id="done"')
  })

  test('that refuses says why, and what was typed is still there', async () => {
    const { send } = await posted({
      act: async () => {
        throw new PrmError('conflict', 'draft: kim was quicker.')
      },
    })
    const response = await send('own.approve', { words: 'mine & "yours"' })
    expect(response.status).toBe(409)
    const page = await response.text()
    expect(page).toContain('Kim was quicker.')
    expect(page).toContain('>mine &amp; &quot;yours&quot;</textarea>')
  })

  test('without a token its form does nothing', async () => {
    const { post, path, done } = await posted()
    expect((await post(path, { seen: '1', do: 'own.approve', token: 'x' })).status).toBe(403)
    expect(done).toEqual([])
  })

  test('shows what strangers wrote as text, and follows no link but http and https', async () => {
    const { page, get } = await posted()
    for (const one of [page, await body(get(''))]) {
      expect(one).not.toMatch(/<script|<img|javascript:[^<]*"|onerror=[^&]*>|\u202e/)
      expect(one).toContain('&lt;script&gt;')
    }
    expect(page).toContain(
      hostile.replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replace('\u202e', ''),
    )
    expect(page).not.toMatch(/href="(?!https?:|\/|#)/)
  })

  test('tells what staff did with it between what it says itself', async () => {
    const { get, path, desk, id } = await posted()
    await desk.as({ kind: 'staff', id: 'kim' }).note(id, 'Ask the branch first.')
    const page = await body(get(path))
    expect(page).toContain('Ask the branch first.')
    expect(page.indexOf('Somebody on birdsite')).toBeLessThan(page.indexOf('Ask the branch first.'))
  })
})
