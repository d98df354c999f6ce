// In: a template and data. Out: its text. Promise: titles leave only by private channels, unless the library opens them.
import { type Content, PrmError, type Template, type Via } from '../contract/index.ts'

/** Fields that tell what somebody reads. They leave only by a private channel, unless the library opens them. */
const telling = new Set(['title', 'author', 'callNumber'])

/** The data without what a glance at a locked phone must not show. */
export function withoutTitles(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(withoutTitles)
  if (typeof data !== 'object' || data === null) return data
  return Object.fromEntries(
    Object.entries(data).flatMap(([name, value]) => (telling.has(name) ? [] : [[name, withoutTitles(value)]])),
  )
}

/** What a template makes of the data, or `template` and why there is no text; the data is not quoted. */
export function render(
  name: string,
  template: Template,
  data: unknown,
  via: Via,
): Content | { refused: 'template'; detail: string } {
  let content: Content
  try {
    content = template(via.showTitles ? data : withoutTitles(data), via)
  } catch (error) {
    return {
      refused: 'template',
      detail: `The template "${name}" threw ${error instanceof Error ? error.name : 'something'}.`,
    }
  }
  if (typeof content?.text !== 'string' || content.text.trim() === '')
    return { refused: 'template', detail: `The template "${name}" gave no text.` }
  return content
}

/** What others may see of it: all, or of what goes by a private channel its subject, which a locked phone shows. */
export function glanced({ text, subject = '', html = '' }: Content, { showTitles }: Pick<Via, 'showTitles'>): string {
  return showTitles ? subject : `${text} ${subject} ${html}`
}

/** Whether a text that a host wrote itself names one of these titles. Shorter ones are words that any text may hold. */
export function names(text: string, titles: readonly string[]): boolean {
  const lower = text.toLowerCase()
  return titles.some((title) => title.trim().length >= 4 && lower.includes(title.trim().toLowerCase()))
}

/** In no language; found also where the title is cut short or put in capitals. */
const planted = 'qxz'

/** Refuses a template that would show a title where others may see it: found by a trial on data made of nothing else. */
export function refuseTelling(name: string, template: Template, via: Via): void {
  let text: string
  try {
    text = glanced(template(anything(planted.repeat(6)), via), via)
  } catch {
    return // It needs data of its own shape; at run time it gets none of these fields.
  }
  if (text.toLowerCase().includes(planted))
    throw new PrmError(
      'config',
      `The template "${name}" puts a title into ${via.showTitles ? 'the subject of ' : ''}what "${via.id}" sends, which others may see. Leave it out ${via.showTitles ? 'of the subject' : 'where via.titles is false'}, or set library.titles to "anywhere".`,
      {
        field: `templates.${name}`,
      },
    )
}

/** More than a template reads of real data: one that walks a chain to its end would never come to it. */
const mostReads = 10_000

/** Data of any shape: whatever is asked of it, it answers with more of itself, but for its titles. */
function anything(title: string): unknown {
  const list: unknown[] = []
  let reads = 0
  const self: unknown = new Proxy(list, {
    get(target, name, receiver) {
      if (++reads > mostReads) throw new RangeError('There is no end to it.')
      if (typeof name === 'string' && telling.has(name)) return title
      if (name === Symbol.toPrimitive || name === 'toString' || name === 'toJSON') return () => '1'
      const own: unknown = Reflect.get(target, name, receiver)
      return own === undefined && typeof name === 'string' ? self : own
    },
  })
  list.push(self)
  return self
}
