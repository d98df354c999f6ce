/**
 * What somebody wrote themselves: without the mail they answer and without their signature. Where nothing would be left,
 * `otherwise`, which is all of it: rather too much before the eyes of staff than nothing.
 */
export function ownWords(text: string, otherwise: string = text): string {
  const lines = text.slice(0, mostWritten).toWellFormed().split('\n')
  const end = lines.findIndex((_, at) => cuts(lines, at))
  const kept = (end < 0 ? lines : lines.slice(0, end)).filter((line) => !quoted.test(line))
  const below = end < 0 ? [] : answersBelow(lines.slice(end))
  const own = unsigned([...kept, ...below])
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
  return own || otherwise.slice(0, mostWritten).toWellFormed().trim()
}

/** Nobody writes more in one answer: what is longer is quoted, pasted, or meant to hold others up. In characters. */
const mostWritten = 100_000

const quoted = /^\s{0,3}>/

/** A line from which on there is only what is answered. */
function cuts(lines: readonly string[], at: number): boolean {
  const line = lines[at] ?? ''
  if (separator.test(line.trim())) return true
  // Outlook's block of headers, in whatever language: three or four lines of "Word: …", the first with an address.
  if (/^\*?\p{L}[\p{L} .]{1,20}\*?\s?:.*@/u.test(line) && block(lines, at)) return true
  return introduces(lines, at)
}

const separator =
  /^(?:-{2,}\s*(?:original message|forwarded message|reply message|urspr[üu]ngliche nachricht|weitergeleitete nachricht|message d['’]origine|message original|mensaje original|mensagem original|messaggio originale|oorspronkelijk bericht|original meddelande)\s*-{2,}|_{20,}|begin forwarded message:)$/i

/** Lines that name sender, day and recipient, one each. */
function block(lines: readonly string[], at: number): boolean {
  const next = lines.slice(at + 1, at + 5).filter((line) => line.trim() !== '')
  return next.slice(0, 2).filter((line) => /^\*?\p{L}[\p{L} .]{1,20}\*?\s?:\s?\S/u.test(line)).length === 2
}

/** "On Tuesday … Ada wrote:", in up to three lines, above a quotation or with no mark at all. */
function introduces(lines: readonly string[], at: number): boolean {
  for (const size of [1, 2, 3]) {
    const intro = lines.slice(at, at + size)
    const [first = ''] = intro
    const whole = intro.join(' ').trim()
    if (!/[:：]$/.test(whole) || intro.some((line) => line.trim() === '')) continue
    const begun = begins.test(first.trim())
    if (size > 1 && !begun) continue
    if (wrote.test(whole) && /\d/.test(whole) && begun) return true
    const after = nextWords(lines, at + size)
    if (quoted.test(after) && /\d/.test(whole) && (wrote.test(whole) || /[@<]|\d[:.h]\d\d/.test(whole))) return true
  }
  return false
}

/** So many empty lines stand between an introduction and what it introduces, and no more. */
const mostEmpty = 20

function nextWords(lines: readonly string[], from: number): string {
  for (let at = from; at < from + mostEmpty; at++) if (lines[at]?.trim()) return lines[at] ?? ''
  return ''
}

const begins = /^(?:on|am|le|el|em|il|op|den|på|dnia|w dniu|\d{1,4}[-./年])/i
const wrote =
  /(?:wrote|schrieb\b.*|a écrit|escribió|escreveu|ha scritto|schreef\b.*|skrev\b.*|napisał\(?a?\)?|пишет|написал\(?а?\)?|kirjoitti|写道|さんは?書きました|作成)\s*[:：]$/i

/** Who answers at the bottom writes below the last quotation; in a quotation without marks nothing can be told apart. */
function answersBelow(rest: readonly string[]): readonly string[] {
  const last = rest.findLastIndex((line) => quoted.test(line))
  return last < 0 ? [] : rest.slice(last + 1)
}

/** RFC 3676 §4.3, and what phones put there. */
function unsigned(lines: readonly string[]): readonly string[] {
  const end = lines.findIndex(
    (line, at) => at > 0 && (/^-- ?$/.test(line) || phones.test(line.trim()) || (/^__+$/.test(line.trim()) && at > 1)),
  )
  return end < 0 || lines.slice(0, end).every((line) => line.trim() === '') ? lines : lines.slice(0, end)
}
const phones =
  /^(?:sent from (?:my|a|yahoo|mail|outlook|proton|samsung|the)\b.{0,60}|get outlook for \w+.{0,60}|von meinem .{2,40} gesendet.{0,20}|gesendet (?:von|mit) .{2,60}|envoyé (?:de|depuis) mon .{2,40}|enviado desde mi .{2,40}|enviado do meu .{2,40}|inviato da(?:l mio)? .{2,40}|verzonden (?:vanaf|met) .{2,40}|wysłane z .{2,40})$/i
