import { createPrm, type Interaction, type Library, type Template, type Via } from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
import { describe, expect, test } from 'vitest'
import { names, render, withoutTitles } from '../packages/core/src/send/template.ts'
import {
  fakeFeed,
  fakeSms,
  hold,
  library,
  otherPhone,
  person,
  phone,
  plain,
  purposes,
  springfield,
  tel,
} from './fake.ts'

const via = (titles: boolean): Via => ({
  id: 'sms',
  medium: 'sms',
  exposure: 'glanceable',
  locale: 'en',
  showTitles: titles,
})

describe('data for a channel that others may see', () => {
  const data = {
    items: [
      {
        title: 'A Secret History',
        author: 'A. Author',
        callNumber: 'QA 76',
        collectBy: '2026-12-24',
        copies: [{ title: 'Vol. 2', barcode: '1' }],
      },
    ],
    pickup: 'Main',
    count: 2,
    none: null,
  }

  test('has no title, author or call number at any depth, and all the rest', () => {
    expect(withoutTitles(data)).toEqual({
      items: [{ collectBy: '2026-12-24', copies: [{ barcode: '1' }] }],
      pickup: 'Main',
      count: 2,
      none: null,
    })
    expect(withoutTitles([data, 'x', 1, null])).toHaveLength(4)
    expect(data.items[0]?.title).toBe('A Secret History')
  })

  test('reaches a template whole only where titles may be said', () => {
    const seen: unknown[] = []
    const template: Template = (one) => {
      seen.push(one)
      return { text: 'x' }
    }
    render('t', template, data, via(false))
    render('t', template, data, via(true))
    expect(seen).toEqual([withoutTitles(data), data])
  })
})

describe('a template', () => {
  test.each<[string, () => unknown]>([
    [
      'throws an error',
      () => {
        throw new Error('A Secret History')
      },
    ],
    [
      'throws a word',
      () => {
        throw 'A Secret History'
      },
    ],
    ['gives nothing', () => undefined],
    ['gives null', () => null],
    ['gives no text', () => ({})],
    ['gives an empty text', () => ({ text: '  \n' })],
    ['gives what is no text', () => ({ text: 42 })],
  ])('that %s is refused, without its words', (_, template) => {
    const refused = render('t', template as Template, {}, via(false))
    expect(refused).toMatchObject({ refused: 'template' })
    expect(JSON.stringify(refused)).not.toContain('Secret')
  })
})

describe('a template that would show a title where others may see it', () => {
  const make = (
    template: Template,
    more: { readonly exposure?: 'private' | 'glanceable' | 'public'; readonly library?: Partial<Library> } = {},
  ) =>
    createPrm({
      library: { ...library, ...more.library },
      adapters: { sms: fakeSms({ exposure: more.exposure ?? 'glanceable' }) },
      store: sqlite({ memory: true }),
      purposes,
      templates: { ready: template },
    })
  type Data = {
    readonly items: readonly { readonly title: string; readonly author: string }[]
    readonly title: string
    readonly collectBy: string
    readonly count: number
  }
  const telling: readonly [string, Template][] = [
    ['plainly', (data: Data) => ({ text: `Ready: ${data.items[0]?.title}` })],
    ['from a list', (data: Data) => ({ text: data.items.map(({ title }) => title).join(', ') })],
    [
      'from a digest',
      (data: readonly Data[]) => ({ text: data.flatMap(({ items }) => items.map(({ author }) => author)).join() }),
    ],
    ['in capitals', (data: Data) => ({ text: data.title.toUpperCase() })],
    ['cut short', (data: Data) => ({ text: `Ready: ${data.title.slice(0, 6)}…` })],
    ['by its first word', (data: Data) => ({ text: `Ready: ${data.title.split(' ')[0]}` })],
    ['in the subject', (data: Data) => ({ text: 'Ready.', subject: data.title })],
    ['in the HTML alone', (data: Data) => ({ text: 'Ready.', html: `<b>${data.title}</b>` })],
    [
      'among dates and numbers',
      (data: Data) => ({ text: `${data.count + 1} by ${new Date(data.collectBy).getTime()}: ${data.title}` }),
    ],
  ]

  test.each(telling)('%s is refused when the host is made', (_, template) => {
    expect(() => make(template)).toThrowError(expect.objectContaining({ code: 'config', field: 'templates.ready' }))
    expect(() => make(template, { exposure: 'public' })).toThrowError(expect.objectContaining({ code: 'config' }))
  })

  test.each(telling)('%s is taken where the library opens titles', (_, template) => {
    expect(() => make(template, { library: { showTitles: 'everywhere' } })).not.toThrow()
  })

  test.each(telling)(
    '%s is taken on a private channel, but not as the subject, which a locked phone shows',
    (how, one) => {
      const made = () => make(one, { exposure: 'private' })
      if (how === 'in the subject') expect(made).toThrowError(/into the subject of what "sms" sends/)
      else expect(made).not.toThrow()
    },
  )

  test('only where it may is taken', () => {
    expect(() =>
      make((data: Data, { showTitles }) => ({ text: showTitles ? `Ready: ${data.title}` : 'Your hold is ready.' })),
    ).not.toThrow()
  })

  test.each<[string, Template]>([
    ['tells none', (data: readonly Data[]) => ({ text: `${data.length} to collect by ${data[0]?.collectBy}.` })],
    [
      'needs data of its own shape',
      (data: { readonly when: { readonly day: number } }) => ({
        text: new Intl.DateTimeFormat('en').format(data.when.day * 1e30),
      }),
    ],
  ])('that %s is taken', (_, template) => {
    expect(() => make(template)).not.toThrow()
  })

  test('in some case that was not tried gets no title to show', async () => {
    const sms = fakeSms()
    const sly: Template = (data: { readonly kind: string; readonly title?: string }) => ({
      text: data.kind === 'overdue' ? `Late: ${data.title}` : 'Ready.',
    })
    const prm = createPrm({
      library: { ...library, quietHours: { from: '00:00', to: '00:00' } },
      adapters: { sms },
      store: sqlite({ memory: true }),
      purposes,
      templates: { sly },
    })
    await prm.send({
      to: tel(phone),
      purpose: 'pickup',
      content: { template: 'sly', data: { kind: 'overdue', title: 'A Secret History' } },
      key: 'a',
    })
    await prm.run({ once: true })
    expect(sms.taken.map(({ content }) => content.text)).toEqual(['Late: undefined'])
  })
})

describe('a text that the host wrote itself', () => {
  test.each([
    ['It is A Secret History.', ['A Secret History'], true],
    ['it is a SECRET history.', ['  A Secret History '], true],
    ['Your hold is ready.', ['A Secret History'], false],
    ['It is here.', ['It'], false],
    ['Anything.', [], false],
  ])('%j names one of %j: %s', (text, titles, said) => {
    expect(names(text, titles)).toBe(said)
  })

  test('and names a title of its notice is not sent by text, unless the library opens titles', async () => {
    for (const titles of ['private-channels', 'everywhere'] as const) {
      const host = springfield({ quietly: true, library: { showTitles: titles } })
      await host.prm.record([hold(1, 'c1')])
      const { outcome } = await host.prm.send(
        plain('a', { content: { text: 'Come!', subject: 'A secret history' }, about: [hold(1, 'c1')] }),
      )
      expect(outcome.send).toBe(titles === 'everywhere')
    }
  })
})

test('what a template is told of its reader is the language of the patron, else of the notice, else of the library', async () => {
  const heard: string[] = []
  const ils = fakeFeed()
  ils.batches = [{ interactions: [], people: [person('c1', phone, { locale: 'es' })] }]
  const speaks: Template = (_, { locale }) => {
    heard.push(locale)
    return { text: locale }
  }
  const adapters = { sms: fakeSms(), ils }
  const prm = createPrm({ library, adapters, store: sqlite({ memory: true }), purposes, templates: { speaks } })
  await prm.pull('ils')
  heard.length = 0
  const plainNotice = hold(1, 'c1')
  const french = { ...plainNotice, data: { ...(plainNotice.data as object), language: 'fr' } }
  await prm.record([french])
  const send = (key: string, to: string, about: readonly Interaction[] = []) =>
    prm.send({ to: tel(to), purpose: 'pickup', content: { template: 'speaks', data: {} }, key, about })
  await send('a', otherPhone)
  await send('b', otherPhone, [french])
  await send('c', phone, [french])
  expect(heard).toEqual(['en', 'fr', 'es'])
})

test('a template that walks a chain to its end does not hold up the start, and one that calls itself without end is decided against', async () => {
  const walk: Template = (data) => {
    let node = data as { next?: unknown; text?: string }
    while (node.next) node = node.next as typeof node
    return { text: node.text ?? 'end' }
  }
  const endless: Template = (data, one) => endless(data, one)
  const prm = createPrm({
    library,
    adapters: { sms: fakeSms() },
    store: sqlite({ memory: true }),
    purposes,
    templates: { walk, endless },
  })
  const send = (template: 'walk' | 'endless', data: object) =>
    prm.send({ to: tel(phone), purpose: 'pickup', content: { template, data }, key: template })
  expect((await send('walk', { next: { text: 'the end' } })).outcome.send).toBe(true)
  expect((await send('endless', {})).outcome).toEqual({ send: false, rule: 'template' })
  await prm.close()
})
