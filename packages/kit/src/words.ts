/**
 * The words of a text in one spelling: lower case, full-width and styled letters as plain ones, letters that only look
 * Latin as Latin, no quotes, emoji or punctuation, one blank between words. Accents stay: `unaccented` takes them off.
 */
export function asWords(text: string): string {
  return (ascii.test(text) ? text.toLowerCase().replace(/['`"]/g, '') : once(once(text)))
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, ' ')
    .trim()
    .replace(/\S+/g, latin)
}

const ascii = /^[\n\r -~]*$/

/** Lower-casing may undo a normal form (İ), and the other way round: the second pass settles it. */
function once(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\p{Cf}|\p{Me}|\p{Variation_Selector}|['’‘`´"“”„«»]/gu, '')
}

/**
 * Without accents, ß as ss, đ as d: Vietnamese and Spanish as they are typed on an English keyboard. Traditional Chinese as
 * simplified, as far as the lists need it.
 */
export function unaccented(text: string): string {
  if (ascii.test(text)) return text
  return text
    .replace(/\p{Script=Han}/gu, (letter) => simplified.get(letter) ?? letter)
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/ß/g, 'ss')
    .replace(/đ/g, 'd')
    .replace(/œ/g, 'oe')
    .normalize('NFC')
}

const simplified = pairs([
  '並并來来個个們们傳传優优兩两別别刪删則则劃划動动務务員员問问單单嗎吗圖图場场報报實实對对將将師师幫帮帳账幾几庫库廣广從从後后復复擾扰據据揾搵數数時时書书會会樂乐樣样機机權权歸归沒没滯滞無无煩烦現现發发種种碼码簡简類类約约紙纸終终組组結结絕绝絡络給给統统繫系繼继續续罰罚聯联聞闻與与興兴舉举號号裡里見见覺觉訂订訊讯討讨託托記记許许訴诉註注話话該该誤误說说誰谁課课調调請请講讲謝谢證证讀读讓让認认責责貴贵資资賬账費费車车轟轰輸输邊边過过還还遠远這这週周郵邮銷销錄录錯错鎖锁閉闭開开間间關关閱阅電电順顺須须預预餘余館馆馬马騷骚麼么點点為为圍围隻只寫写學学換换轉转網网讚赞',
])

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
  return (text.replace(dates, '$1').match(/[^.!?…\n\r。！？]+[.!?…。！？]*/gu) ?? []).map((sentence) => ({
    clauses: sentence.split(apart).filter((clause) => /[\p{L}\p{N}]/u.test(clause)),
    question: /[?？][^?？]*$/.test(sentence),
  }))
}

/** "Am 8. abmelden", "$1.20": no sentence ends there. */
const dates = /(?<!\p{L})((?:am|vom|zum|den|der|dem|bis|ab)[^\p{L}\d]{1,9}\d{1,2})\.(?=\s)|(?<=\d)\.(?=\d)/giu
const apart =
  /,(?!\P{L}*da(?:ss|ß)\s)|[.;!?…。！？；，、：()]+|\s[-–—]+\s?|(?<=\p{Script=Han}{2}[^\p{L}\p{N}\s]{0,8})\s|\s(?=\p{Script=Han}{2})/iu

/** The text without what it quotes: a message that it answers, the title of a book. */
export function unquoted(text: string): string {
  const own = text.replace(/^>.*$/gmu, '').trim() || text
  if (reaction.test(own)) return title
  const plain = own.replace(quotes, (quote) => (/\s|^《/u.test(quote) ? ` ${title} ` : quote))
  return /\p{L}\P{L}+\p{L}/u.test(plain.replace(title, '')) ? plain : own
}

/** What a phone sends for a thumb on a message: `Liked “…”`. The message is ours. */
const reactions = [
  'liked|loved|laughed at|emphasi[sz]ed|disliked|questioned|reacted.{1,9}to|removed an? [a-z ]{4,20} from|to',
  '[lm]e (?:gustó|encantó)|se rió de|a (?:aimé|adoré|ri de)|gefällt|lacht über|赞了|讚了|喜欢|đã thích',
]
const reaction = new RegExp(
  `^\\P{L}*(?:(?:${reactions.join('|').replaceAll(' ', '\\P{L}+')})\\P{L}*["“«„]|„.*“\\P{L}*gefällt)`,
  'isu',
)

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
  if (/^[a-z0-9]*$/.test(word)) return word
  const mapped = [...word].map((letter) => lookalikes.get(letter) ?? letter).join('')
  return /^[a-z0-9]*$/.test(mapped) ? mapped : word
}

// Lower case of Unicode's confusables (UTS #39) with a Latin letter, in the scripts that people paste from.
const lookalikes = pairs([
  'аaвbеeкkмmнhоoрpсcтtуyхxіiјjѕsԁdһhԛqԝw',
  'αaβbεeζzιiκkνnοoρpτtυuχx',
  'ᴀaʙbᴄcᴅdᴇeɪiᴋkʟlᴍmɴnᴏoᴘpʀrꜱsᴛtᴜuᴠv',
])

/** Every other letter to the one after it. */
function pairs(lists: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    lists.flatMap((list) => [...list.matchAll(/(.)(.)/gu)].map(([, from = '', to = '']) => [from, to] as const)),
  )
}

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
