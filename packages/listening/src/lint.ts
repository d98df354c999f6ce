/** What a public answer must not say, and where it says it: numbers of cards and phones, addresses, what is on loan. */
export interface Finding {
  readonly what: string
  /** As it stands there. */
  readonly found: string
}

const digits = /(?<![\w/.-])(?:\+?\d[\d\s().-]{5,}\d)(?![\w/-])/g
const mail = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,}/gu

/**
 * Reads a draft before anybody can approve it. `own` are the library's addresses and numbers, which it may say. A card or
 * patron's number is eight figures or more in a row; fewer, with blanks, are a phone number.
 */
export function lint(text: string, own: readonly string[] = []): readonly Finding[] {
  const read = text.normalize('NFKC')
  const bare = (value: string): string => value.replace(/[^\p{L}\p{N}@.]/gu, '').toLowerCase()
  const known = new Set(own.map(bare))
  const findings: Finding[] = []
  for (const [found] of read.matchAll(mail))
    if (!known.has(bare(found))) findings.push({ what: 'an email address', found })
  for (const [found] of read
    .replace(mail, ' ')
    .replace(/https?:\/\/\S+/g, ' ')
    .matchAll(digits)) {
    const figures = found.replace(/\D/g, '')
    const isDay = /^\d{4}-\d\d?-\d\d?$|^\d\d?[./]\d\d?[./]\d{2,4}$|^\d{1,2}\s?-\s?\d{1,2}$/.test(found.trim())
    if (
      figures.length < 7 ||
      isDay ||
      known.has(bare(found)) ||
      [...known].some((one) => one.replace(/\D/g, '') === figures)
    )
      continue
    findings.push({
      what: /^\d{8,}$/.test(found.trim()) ? 'a number as on a card' : 'a phone number or a card number',
      found: found.trim(),
    })
  }
  for (const [found] of read.matchAll(/\b[A-Z]{1,3}\d{6,}\b/gi)) findings.push({ what: 'a number as on a card', found })
  for (const [found] of read.matchAll(/\b(?:your|the) (?:pin|password|passcode|card number|barcode) (?:is|:)\s*\S+/gi))
    findings.push({ what: 'a PIN or password', found })
  for (const [found] of read.matchAll(
    /["“][^"“”\n]{3,120}["”](?= (?:is|was) (?:due|overdue|ready|on hold|checked out))|\byou (?:have|had|borrowed|checked out|owe)\b[^.!?\n]{0,60}(?:["“][^"“”\n]{3,}["”]|\$\s?\d[\d.,]*)/gi,
  ))
    findings.push({ what: 'what somebody borrowed or owes', found })
  return findings
}
