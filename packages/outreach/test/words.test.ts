import type { Via } from '@prm/core'
import { Liquid } from 'liquidjs'
import { describe, expect, test } from 'vitest'
import { writer } from '../src/words.ts'

const via: Via = { id: 'sms', medium: 'sms', exposure: 'private', locale: 'en', showTitles: true }
const data = { library: 'Town Library', club: 'of the library' }
/** What Liquid takes for something else: a column may be called so. */
const special = ['true', 'false', 'nil', 'null', 'empty', 'blank', 'contains', 'not', 'and', 'or']
const fields: Record<string, string> = {
  ...Object.fromEntries(special.map((word) => [word, 'said'])),
  name: ' Ann “A” {{ club }}',
  club: '',
  date: '$& $1',
  titles: 'A\nB',
  True: 'z',
}
const scope = { ...data, ...fields, club: data.club }

describe('a text that only names variables is what Liquid makes of it', () => {
  test.each([
    'no variable',
    '{{ library }}: {{ name }}, {{club}}. Reply STOP.',
    ' {{name}}{{name}} ',
    '{{\n name }} }} { {{ date }} $& {',
    '{{ titles }} is said where nobody else reads',
    '{{ True }}',
    ...special.map((word) => `${word} {{ ${word} }}`),
    'a {{- name -}} b',
    '{{ name | upcase }} {{ library }}',
    '{% if name %}{{ name }}{% endif %}',
    '{{ name }}{% comment %}{{ library }}{% endcomment %}',
    '{% raw %}{{ name }}{% endraw %}',
    '{{ name.size }} {{ "name" }} {{ 1 }}',
  ])('%j', (text) => {
    const liquid = new Liquid({ strictVariables: true, strictFilters: true, lenientIf: true, ownPropertyOnly: true })
    expect(writer([{ text }], data, 'en').write(fields, via)).toEqual({
      text: (liquid.parseAndRenderSync(text, scope) as string).trim(),
    })
  })

  test.each(['{{ nobody }}', '{{ constructor }}', '{{ toString }}', '{{ name }} {{ email }}'])(
    '%j is missing',
    (text) => {
      const write = () => writer([{ text }], data, 'en').write({ ...fields, email: '' }, via)
      expect(write).toThrowError(expect.objectContaining({ code: 'invalid', field: /(\w+) \}\}$/.exec(text)?.[1] }))
    },
  )

  test('a title is missing where others may see it', () => {
    const write = () => writer([{ text: '{{ titles }}' }], data, 'en').write(fields, { ...via, showTitles: false })
    expect(write).toThrowError(expect.objectContaining({ field: 'titles' }))
  })

  test('nothing but blanks is no text', () => {
    const write = () => writer([{ text: '{{ blanks }}' }], data, 'en').write({ blanks: ' \n' }, via)
    expect(write).toThrowError(expect.objectContaining({ field: 'text' }))
  })
})
