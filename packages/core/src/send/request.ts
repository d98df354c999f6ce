// In: a send of the host. Out: the same, checked, or an error that names the field.
import { type Actor, type Address, PrmError, type Send, written } from '../contract/index.ts'
import { checkJson, type Engine, isRef, mostOfPart, storable, unstorableAt } from '../runtime/index.ts'
import { isDay, utc } from '../time/index.ts'

/** A send, and who asked for it. */
export type Asked = Send & {
  readonly by?: Actor
  /** The conversation it answers in, and the number that the patron wrote to. */
  readonly reply?: { readonly id: string; readonly from?: Address }
}

export function check(engine: Engine, send: Send): Send {
  const wrong = (field: string, expected: string) =>
    new PrmError('invalid', `send: ${field} must be ${expected}.`, { field })
  if (!storable(send.key, mostOfPart))
    throw wrong('key', `a text of ${mostOfPart} bytes at the most that names this message for ever`)
  if (send.key.endsWith(' again'))
    throw wrong('key', 'one that does not end in " again": those are of what is told another way')
  if (typeof send.to !== 'string') {
    // Who has none is decided against.
    const fault = send.to?.value === '' ? undefined : unstorableAt(send.to)
    if (fault)
      throw wrong(send.to ? `to.${fault.field}` : 'to', send.to ? fault.expected : "a patron's id or an address")
  }
  if (typeof send.content !== 'object' || send.content === null) throw wrong('content', 'a text or a template')
  if (!Object.hasOwn(engine.options.purposes, send.purpose) && !engine.options.unwritten.includes(send.purpose))
    throw wrong('purpose', `one of ${Object.keys(engine.options.purposes).join(', ')}`)
  if ('template' in send.content && !Object.hasOwn(engine.options.templates ?? {}, send.content.template))
    throw wrong(
      'content.template',
      `one of ${Object.keys(engine.options.templates ?? {}).join(', ') || 'the templates of createPrm, which has none'}`,
    )
  if (!('template' in send.content)) {
    const { text, media } = send.content
    if (typeof text !== 'string' || (!text.trim() && !media?.length))
      throw wrong('content.text', 'a text that is not empty, or there must be media')
  }
  if (send.digest !== undefined && !('template' in send.content))
    throw wrong('content', 'a template, since a digest is written anew from the data of all')
  const notBefore = utc(send.notBefore)
  if (send.notBefore !== undefined && !notBefore)
    throw wrong('notBefore', 'an instant such as 2026-11-24T10:00:00.000Z')
  const expireAt = isDay(send.expireAt) ? send.expireAt : utc(send.expireAt)
  if (send.expireAt !== undefined && !expireAt)
    throw wrong('expireAt', 'an instant such as 2026-11-24T10:00:00.000Z, or a day such as 2026-11-24')
  for (const field of ['digest', 'campaign'] as const)
    if ((send[field] ?? '') !== '' && !storable(send[field], mostOfPart))
      throw wrong(field, `a text of ${mostOfPart} bytes at the most`)
  if (send.about !== undefined && !(Array.isArray(send.about) && send.about.every(isRef)))
    throw wrong('about', 'a list of facts, each with its source and key')
  for (const id of send.adapters ?? [])
    if (!engine.options.adapters[id]?.channel) throw wrong('adapters', `adapters with a channel; "${id}" is none`)
  const rechecks = Object.keys(engine.options.rechecks ?? {})
  if (send.recheck !== undefined && !rechecks.includes(send.recheck))
    throw wrong('recheck', `one of ${rechecks.join(', ') || 'the rechecks of createPrm, which has none'}`)
  if ('template' in send.content) checkJson(send.content.data, 'send', 'content.data')
  // A whole fact may be given where a reference is enough; what it says of items stays out of decisions.
  const about = send.about && { about: send.about.map(({ source, key }) => ({ source, key })) }
  const times = { ...(notBefore && { notBefore }), ...(expireAt && { expireAt }) }
  return { ...send, ...times, ...(typeof send.to !== 'string' && { to: written(send.to) }), ...about }
}
