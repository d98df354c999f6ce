/**
 * The words of a text in one spelling: lower case, full-width and styled letters as plain ones, letters that only look
 * Latin as Latin, no quotes, emoji or punctuation, one blank between words. Accents stay: `unaccented` takes them off.
 */
export function asWords(text: string): string {
  return once(once(text))
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, ' ')
    .trim()
    .replace(/\S+/g, latin)
}

/** Lower-casing may undo a normal form (İ), and the other way round: the second pass settles it. */
function once(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\p{Cf}|\p{Me}|\p{Variation_Selector}|['’‘`´"“”„«»]/gu, '')
}

/** Without accents, ß as ss, đ as d: Vietnamese and Spanish as they are typed on an English keyboard. */
export function unaccented(text: string): string {
  if (/^[ -~]*$/.test(text)) return text
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/ß/g, 'ss')
    .replace(/đ/g, 'd')
    .replace(/œ/g, 'oe')
    .normalize('NFC')
}

/** Chinese courtesies are written without a blank between them and what is asked. */
export function polite(words: string): string {
  return words
    .replace(/^(?:请|請|麻烦你?|麻煩你?|拜托|拜託|你好|您好|我要|我想(?!要|收))+(?=[^ ])/u, '$& ')
    .replace(/(?<=[^ ])(?:谢谢你?|謝謝你?|多谢|多謝|唔该|唔該)$/u, ' $&')
}

/** A text in its sentences, and these in what stands between commas, dashes, or Chinese and what stands apart from it. */
export function sentences(
  text: string,
): readonly { readonly clauses: readonly string[]; readonly question: boolean }[] {
  return (text.match(/[^.!?…\n\r。！？]+[.!?…。！？]*/gu) ?? []).map((sentence) => ({
    clauses: sentence.split(apart).filter((clause) => /[\p{L}\p{N}]/u.test(clause)),
    question: /[?？][^?？]*$/.test(sentence),
  }))
}

const apart =
  /,(?!\s*da(?:ss|ß)\s)|[.;!?…。！？；，、：()]+|\s[-–—]+\s?|(?<=\p{Script=Han}{2}[^\p{L}\p{N}\s]{0,8})\s|\s(?=\p{Script=Han}{2})/u

/** The text without what it quotes: a message that it answers, the title of a book. */
export function unquoted(text: string): string {
  const own = text.replace(/^>.*$/gmu, '').trim() || text
  const plain = own.replace(quotes, (quote) => (/\s|^《/u.test(quote) ? ` ${title} ` : quote))
  return /\p{L}\P{L}+\p{L}/u.test(plain.replace(title, '')) ? plain : own
}

const quotes = /《[^》]{1,200}》|“[^”]{1,200}”|«[^»]{1,200}»|„[^“”]{1,200}[“”]/gu

/** Stands for what is quoted. */
export const title = 'qqq'

/** The text without what a phone signs with: "Sent from my iPhone". */
export function unsigned(text: string): string {
  return text.replace(phones, '').trimEnd()
}

const phones =
  /\s(?:--\s*)?(?:sent from|get outlook for|enviado desde|enviado de|envoyé de|envoyé depuis|gesendet von|von meinem|发自|發自|được gửi từ|gửi từ)[^\n]*$/iu

/**
 * A word without the name under it: "Stop - Maria Lopez". One to three words that begin with a capital, after a dash or on a
 * line of their own. Only for words that nothing else would follow so: "Renew - Dune" is of a book.
 */
export function unnamed(text: string): string {
  return text.replace(names, '$1')
}

const names = /^(\s*\S+)(?:\s+[-–—~]+|[\n\r][-–—~\s]*)\s*\p{Lu}\p{L}*\.?(?: \p{Lu}\p{L}*\.?){0,2}\s*$/u

/** A word of Latin letters and others that only look so becomes Latin; a word of another script stays. */
function latin(word: string): string {
  const mapped = [...word].map((letter) => lookalikes.get(letter) ?? letter).join('')
  return /^[a-z0-9]*$/.test(mapped) ? mapped : word
}

// Lower case of Unicode's confusables (UTS #39) with a Latin letter, in the scripts that people paste from.
const lookalikes: ReadonlyMap<string, string> = new Map(
  ['аaвbеeкkмmнhоoрpсcтtуyхxіiјjѕsԁdһhԛqԝw', 'αaβbεeζzιiκkνnοoρpτtυuχx', 'ᴀaʙbᴄcᴅdᴇeɪiᴋkʟlᴍmɴnᴏoᴘpʀrꜱsᴛtᴜuᴠv'].flatMap(
    (pairs) => [...pairs.matchAll(/(.)(.)/gu)].map(([, from = '', to = '']) => [from, to] as const),
  ),
)

/** How many letters are missing, too many, other or changed with their neighbour (Damerau-Levenshtein, restricted). */
export function distance(a: string, b: string): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, at) => at)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const other = a[i - 1] === b[j - 1] ? 0 : 1
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const [left = 0, up = 0, diagonal = 0] = [row[j - 1], last[j], last[j - 1]]
      row[j] = Math.min(
        left + 1,
        up + 1,
        diagonal + other,
        swapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    ;[before, last] = [last, row]
  }
  return last[b.length] ?? 0
}
