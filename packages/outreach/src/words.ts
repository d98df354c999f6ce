import { type Content, PrmError, type Via } from '@prm/core'
import { Liquid, Output, type Template as Parsed } from 'liquidjs'
import type { Template } from './types.ts'

/** Writes one message by the template that is nearest to its way and language. Throws `invalid` naming the variable. */
export interface Writer {
  write(fields: Readonly<Record<string, string>>, via: Via): Content
  /** What the templates for these media cannot be written without, and no data gives. */
  needs(media: ReadonlySet<string | undefined>): readonly string[]
  /** All variables that any of them names. */
  readonly names: readonly string[]
}

/** What a template may take: milliseconds of a render, and what liquidjs counts as memory, about characters. */
const limits = { renderLimit: 1_000, memoryLimit: 1_000_000, parseLimit: 100_000 } as const

/** Columns that tell what somebody reads: they are not said where others may see it. */
const telling = ['title', 'titles', 'author', 'callnumber', 'call_number']

interface Ready extends Pick<Template, 'medium' | 'language'> {
  readonly text: Parsed[]
  readonly pieces?: readonly string[]
  readonly subject?: Parsed[]
  readonly html?: Parsed[]
  readonly needs: readonly string[]
  readonly names: readonly string[]
}

/** Parses the templates once. Throws `invalid` naming the one that is wrong, and its line. */
export function writer(
  templates: readonly Template[],
  data: Readonly<Record<string, string>>,
  fallback: string,
): Writer {
  // Partials come from memory, of which there are none: no template reads a file.
  const common = {
    ...limits,
    strictVariables: true,
    strictFilters: true,
    lenientIf: true,
    ownPropertyOnly: true,
    templates: {},
  }
  const plain = new Liquid(common)
  const escaped = new Liquid({ ...common, outputEscape: 'escape' })
  if (templates.length === 0) throw new PrmError('invalid', 'There is no template.', { field: 'templates' })
  const ready = templates.map((template, index): Ready => {
    const parse = (engine: Liquid, part: 'text' | 'subject' | 'html'): Parsed[] => {
      try {
        return engine.parse(template[part] ?? '')
      } catch (error) {
        const why = error instanceof Error ? error.message : 'it is no Liquid'
        throw new PrmError('invalid', `The template cannot be read: ${why}.`, {
          field: `templates[${index}].${part}`,
          cause: error,
        })
      }
    }
    if (!template.text?.trim())
      throw new PrmError('invalid', 'A template has no text.', { field: `templates[${index}].text` })
    const pieces = piecesOf(template.text)
    const [text, subject, html] = [parse(plain, 'text'), parse(plain, 'subject'), parse(escaped, 'html')]
    const said = [text, subject, html].map((part) => variablesOf(plain, part))
    return {
      needs: said.flatMap((part) => part.needs),
      names: said.flatMap((part) => part.names),
      ...(pieces && { pieces }),
      ...(template.medium !== undefined && { medium: template.medium }),
      ...(template.language !== undefined && { language: template.language }),
      text,
      ...(template.subject !== undefined && { subject }),
      ...(template.html !== undefined && { html }),
    }
  })
  const nearest = new Map<string, Ready | undefined>()
  return {
    needs: (media) =>
      ready
        .filter(({ medium }) => medium === undefined || media.has(medium))
        .flatMap(({ needs }) => needs)
        .filter((name) => data[name] === undefined),
    names: ready.flatMap(({ names }) => names),
    write(fields, via) {
      const key = `${via.medium} ${via.locale}`
      if (!nearest.has(key)) nearest.set(key, nearestOf(ready, via, fallback))
      const template = nearest.get(key)
      if (!template) throw new PrmError('invalid', `No template is for ${via.medium}.`, { field: 'templates' })
      const simple =
        template.pieces && !template.subject && !template.html && filled(template.pieces, fields, data)?.trim()
      if (simple) return { text: simple }
      const scope: Record<string, string> = { ...data }
      // An empty cell is a missing variable: "Dear ," is sent to nobody.
      for (const name in fields) if (fields[name] !== '') scope[name] = fields[name] as string
      if (!via.showTitles) for (const name of telling) delete scope[name]
      const text = rendered(plain, template.text, scope).trim()
      if (text === '') throw new PrmError('invalid', 'The template gives no text.', { field: 'text' })
      return {
        text,
        // A line break would begin another header.
        ...(template.subject && { subject: rendered(plain, template.subject, scope).replace(/\s+/g, ' ').trim() }),
        ...(template.html && { html: rendered(escaped, template.html, scope) }),
      }
    },
  }
}

function nearestOf(templates: readonly Ready[], { medium, locale }: Via, fallback: string): Ready | undefined {
  const base = (language: string) => language.toLowerCase().split('-')[0]
  const near = (language: string | undefined): number => {
    if (language === undefined) return 2
    if (language.toLowerCase() === locale.toLowerCase()) return 4
    if (base(language) === base(locale)) return 3
    return base(language) === base(fallback) ? 1 : 0
  }
  const score = (one: Ready) => near(one.language) * 2 + (one.medium === medium ? 1 : 0)
  const fit = templates.filter((one) => one.medium === undefined || one.medium === medium)
  return fit.reduce<Ready | undefined>((a, b) => (a && score(a) >= score(b) ? a : b), undefined)
}

/** Needed is what stands in the open: not behind a tag, nor with a default. */
function variablesOf(engine: Liquid, template: Parsed[]): Pick<Ready, 'needs' | 'names'> {
  const global = (some: Parsed[]) => engine.globalVariablesSync(some, { partials: false })
  const names = global(template)
  const open = template.filter(
    (one) => one instanceof Output && one.value.filters.every(({ name }) => name !== 'default'),
  )
  return { names, needs: global(open).filter((name) => names.includes(name)) }
}

/** A text that only names variables, as most do: at each odd place such a name. */
function piecesOf(text: string): readonly string[] | undefined {
  const pieces = text.split(/\{\{\s*([a-z_]\w*)\s*\}\}/i)
  const odd = pieces.some((piece, index) => (index % 2 ? special.has(piece) : /\{[{%]/.test(piece)))
  return odd ? undefined : pieces
}
/** Values and operators of Liquid, and what is not said everywhere. */
const special: ReadonlySet<string> = new Set([
  ...['true', 'false', 'nil', 'null', 'empty', 'blank', 'contains', 'not', 'and', 'or'],
  ...telling,
])

/** As Liquid would, in a tenth of the time; nothing where a variable is missing, of which Liquid tells. */
function filled(
  pieces: readonly string[],
  fields: Readonly<Record<string, string>>,
  data: Readonly<Record<string, string>>,
): string | undefined {
  let text = pieces[0] as string
  for (let at = 1; at < pieces.length; at += 2) {
    const name = pieces[at] as string
    const value = fields[name] || data[name]
    if (typeof value !== 'string') return undefined
    text += value + pieces[at + 1]
  }
  return text
}

function rendered(engine: Liquid, template: Parsed[], scope: object): string {
  try {
    return engine.renderSync(template, scope) as string
  } catch (error) {
    throw problem(error)
  }
}

/** In words that name the variable and quote no value. */
function problem(error: unknown): PrmError {
  const message = error instanceof Error ? error.message : ''
  const [, variable] = /undefined variable: ([^\s,]+)/.exec(message) ?? []
  if (variable)
    return new PrmError('invalid', `The variable "${variable}" is missing, empty, or not said this way.`, {
      field: variable,
    })
  if (/limit exceeded/.test(message))
    return new PrmError('invalid', 'The template does not come to an end.', { field: 'templates' })
  return new PrmError('invalid', 'The template cannot be filled in.', { field: 'templates', cause: error })
}
