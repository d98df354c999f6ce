import { bitsOf, type Lexicon, lexicons, type Mark, marks } from './lexicon.ts'
import { sentences } from './words.ts'

/**
 * What makes a request, in any order, within a run of listed words with hardly another between. A `$` is the end of the
 * clause; `^…$` the whole of it; a `?` stands before what is one only where it is asked for.
 */
const requests: readonly string[] = [
  ...[
    'rvt',
    'r1',
    'rp',
    'rt',
    'rw',
    'rN',
    'rg',
    'npt',
    'npw',
    'npv',
    'npg',
    'zpt',
    'zpw',
    'zpv',
    'zpg',
    '^np$',
    '^zp$',
  ], // I revoke my consent
  ...[
    '^s4$',
    '^sna$',
    '^sza$',
    'sw',
    'st',
    's1',
    's2$',
    'sl',
    'svi$',
    'sve$',
    'svm$',
    'svN',
    'sv$',
    'sgi$',
    'sge$',
    'sN$',
  ], // stop texting, sending
  ...['u$', 'ut', 'ul', 'ui$', 'um$', 'u1', 'u2', 'u3', 'uN', 'uw'], // unsubscribe
  ...['ct', 'c1', 'cl', 'cN'], // cancel the texts
  ...['nw', '?ngt', 'nvt', 'nvi$', 'nve$', 'nvN', 'nvm$', 'nv1', 'nv2', 'nv$'], // don't text, don't send texts
  ...['nat', 'naw', 'nagi', 'nage', 'nav$', 'navi', 'nave', 'na1', 'na2$', 'nac$', '^naie$'], // don't want texts
  ...[
    'zte',
    'zta',
    'zaw',
    'zwe',
    'zav',
    'zve',
    'zagi',
    'zage',
    'zate',
    'z1e',
    'z2e$',
    'z1a',
    'z2a$',
    '^zt$',
    '^zei$',
    '^z1$',
    '^zti$',
    '^ztN$',
    '^ztm$',
    '?^z2$',
  ], // no more texts
  ...['dN', 'dmt', 'dml', 'dm1', 'dm2', '^dm$', 'dl'], // take me off your list
  ...['sC$', 'sCm', 'sCN', 'nCe', 'nCN'], // stop calling this number
  'j',
]

interface Rule {
  readonly letters: string
  readonly bits: number
  readonly asking: boolean
  readonly first: boolean
  readonly last: boolean
}
const rules: readonly Rule[] = requests.map((rule) => {
  const letters = rule.replace(/[$^?]/g, '')
  const [asking, first, last] = [rule.includes('?'), rule.includes('^'), rule.endsWith('$')]
  return { letters, bits: bitsOf(letters), asking, first, last }
})
/** Without one of these there is no request. */
const core = bitsOf('suczndrjC')
/** Kinds. */
const named = bitsOf('1234')

/** What a request may have between its first and its last word. */
const within = /^[suczenwtCvagmNdlrpij1234yAo.Y+_]/
/** Of these, what it does not begin or end with. */
const slight = /^[.oAY+_]/
/** How many words that no list knows may stand together in it, in half words. */
const most = 4
/** Marks from the first to the last of a request. */
const longest = 14

/** What one clause says, in one language. */
interface Clause {
  readonly line: string
  /** The kinds of message that it names. */
  readonly scopes: readonly string[]
  /** A request to stop; nothing where it is none, or told, asked about, or of something else. */
  readonly stop?: Stop
  /** No more than "please stop it": of what, the clauses beside it say. */
  readonly bare: boolean
  /** "Don't stop", "keep sending". */
  readonly contrary: boolean
  /** "I texted STOP". */
  readonly told: boolean
  readonly question: boolean
  /** Which sentence it is of. */
  readonly sentence: number
}

interface Stop {
  readonly scope?: string
  /** The clause says nothing else. */
  readonly whole: boolean
  /** It names no messages: "don't send it". */
  readonly vague: boolean
  /** It points to what was named before: "stop texting me about them". */
  readonly points: boolean
  /** "Remove me", of nothing that it names. */
  readonly leaves: boolean
  /** "I wanted to": what follows may take it back. */
  readonly meant: boolean
}

type Asked = Pick<Stop, 'scope' | 'whole'>

/** What a text asks to stop, in any language, and whether it says the contrary too. */
export function requestsIn(text: string): {
  readonly stops: readonly Asked[]
  readonly contrary: boolean
} {
  const languages = lexicons(text)
  const talks = clausesIn(text, languages)
  const found = talks.map((clauses, one): readonly Asked[] => {
    const stops = clauses.flatMap((_, at) => stopAt(clauses, at, languages[one]?.unsure === true) ?? [])
    // "I texted STOP and still get them"
    const again = clauses.some(({ told }) => told) && clauses.some(({ line }) => line.includes('K'))
    return again && stops.length === 0 ? [{ whole: false }] : stops
  })
  return {
    // A language that knows the kind knows better than one that does not.
    stops:
      found.find((stops) => stops.some(({ scope }) => scope !== undefined)) ?? found.find((stops) => stops[0]) ?? [],
    contrary: talks.some((clauses) => clauses.some(({ contrary }) => contrary)),
  }
}

/** Whether a text begins like a clause of its own, and does not go on from a STOP before it: "do you have a printer". */
export function begins(text: string): boolean {
  return marks(text, lexicons(text)).some(([first, second]) => {
    const is = (one?: Mark): boolean => /^[AYqbyIPn|]/.test(one?.letters ?? '')
    return is(first) || (first?.letters === '+' && is(second))
  })
}

/** Whether a text is of messages, and of nobody and nothing else: "I am sick of your messages". */
export function ofMessages(text: string): boolean {
  return marks(text, lexicons(text)).some((all) => {
    const line = all.map(({ letters }) => letters).join('')
    return /[wtNW]/.test(line) && !/[xbqfA]/.test(line)
  })
}

/** The clauses of a text in each language; those that it hardly knows a word of are empty. */
function clausesIn(text: string, languages: readonly Lexicon[]): readonly (readonly Clause[])[] {
  const talks = languages.map((): Clause[] => [])
  sentences(text).forEach(({ clauses, question }, sentence) => {
    clauses.forEach((clause, index) => {
      const read = marks(clause, languages)
      const known = read.map((all) =>
        all.reduce((sum, { letters, words }) => sum + (letters.startsWith('_') ? 0 : words), 0),
      )
      const best = Math.max(...known)
      read.forEach((all, language) => {
        const parts = (known[language] ?? 0) * 3 > best * 2 ? split(all) : [[]]
        parts.forEach((part, at) => {
          const asked = question && index === clauses.length - 1 && at === parts.length - 1
          talks[language]?.push({ ...clauseOf(part, asked, at > 0), sentence })
        })
      })
    })
  })
  return talks
}

/** "Stop the newsletter but keep …" is two clauses. */
function split(all: readonly Mark[]): readonly (readonly Mark[])[] {
  const parts: Mark[][] = [[]]
  for (const one of all) {
    if (one.letters.startsWith('|')) parts.push([])
    if (one.letters !== '|') parts.at(-1)?.push(one)
  }
  return parts
}

/** "Don't", and what may stand between it and what is not to be done. */
const not = '(?:^| )n(?: [mNaAyz]| y t| [mN] l)*'
const dont = new RegExp(`${not} (?:[su]|cd?|dm?)(?: |$)|[nz].*F`)
/** The verb first: "meldet mich nicht ab". */
const after = /(?:^| )(?:u|cd?|dm?)(?: (?:[amNtYyib]|wt|\d+))* n(?: l)?$|(?:^| )s n(?: t)?$/
/** "Don't keep texting me" */
const dontKeep = new RegExp(`${not} f(?: |$)`)
/** "I texted STOP", not "I said stop texting me". */
const tells = /R(?: __?){0,2} [suc](?! [wtvgl1-4ij])|Rs/
const write: Mark = { letters: 'w', bits: bitsOf('w'), words: 1 }

function clauseOf(marks: readonly Mark[], question: boolean, goesOn: boolean): Omit<Clause, 'sentence'> {
  const lineOf = (part: readonly Mark[]): string =>
    part.flatMap(({ letters }) => (/^[.o]$/.test(letters) ? [] : letters)).join(' ')
  const said = lineOf(marks)
  const kept = said.includes('f') && dontKeep.test(said)
  const part = kept ? marks.map((one) => (one.letters === 'f' ? write : one)) : marks
  const line = kept ? lineOf(part) : said
  const scopes = [...new Set(part.flatMap(({ scope }) => scope ?? []))]
  const denied = /[nz]/.test(line) && (dont.test(line) || after.test(line))
  const contrary = denied || (line.includes('f') && scopes.length === 0)
  const told = line.includes('R') && tells.test(line)
  const bare =
    /^s Y [IPbyqiNnzmW]/.test(line) ||
    (part.length < 30 && /^(?:[imeAY] |ie )*(?:s|u|cd?|d)(?: [ieAYs]| ie)*$/.test(line))
  const found = contrary || told ? undefined : requestIn(part, line, goesOn)
  // "Keine SMS mehr?", but not "schreibt ihr keine SMS mehr?"
  const doubtful = question && !/[AY]/.test(line) && !(found?.whole && !/z.*[wvg]|[wvg].*z/.test(line))
  const stop = doubtful ? undefined : found
  return { line, scopes, ...(stop && { stop }), bare, contrary, told, question }
}

function requestIn(part: readonly Mark[], line: string, goesOn: boolean): Stop | undefined {
  if ((part.reduce((bits, one) => bits | one.bits, 0) & core) === 0) return undefined
  const said = part.map(({ letters }) => letters)
  const words: Said = {
    line,
    said,
    start: goesOn ? -1 : said.findIndex((one) => !empty.test(one)),
    end: said.findLastIndex((one) => !empty.test(one)),
  }
  for (let from = 0; from < said.length; from++) {
    const one = said[from] ?? ''
    if (!within.test(one) || slight.test(one)) continue
    const [last, bits] = run(part, from)
    const rule = (bits & core) === 0 ? undefined : ruleOf(words, from, last, bits)
    if (!rule || supposed(said, from)) continue
    if (!told(said, from, bits, rule)) {
      const stop = stopOf(part, words, from, last, bits)
      if (stop) return stop
    } else {
      // What is told goes on as far as the run: "they send no more texts".
      while (from < last && !/^[sudj]/.test(said[from + 1] ?? '')) from++
    }
  }
  return undefined
}

/** A part in its letters, and where the first and the last of them stands that says something. */
interface Said {
  readonly line: string
  readonly said: readonly string[]
  readonly start: number
  readonly end: number
}
const empty = /^[.oAY+?k]/

/** How far a run goes from here, and of what it is made. */
function run(part: readonly Mark[], from: number): readonly [last: number, bits: number] {
  let [bits, gap, last] = [0, 0, from]
  for (let to = from; to < part.length && to < from + longest; to++) {
    const one = part[to]?.letters ?? ''
    if (!within.test(one)) break
    if (!slight.test(one)) [bits, gap, last] = [bits | (part[to]?.bits ?? 0), 0, to]
    else if (one.startsWith('_')) gap += one.length
    if (gap > most) break
  }
  return [last, bits]
}

function ruleOf({ said, start, end, line }: Said, from: number, to: number, bits: number): Rule | undefined {
  let next = to + 1
  while (/^[.+]/.test(said[next] ?? '')) next++
  // Or another sentence begins without a full stop: "please stop sending these I am not Linda".
  const last = to >= end || /^[IyqWYAT]/.test(said[next] ?? '')
  // Before another who is no part of it, but "unsubscribe my son".
  const other = said[next] === 'b'
  return rules.find(
    (rule) =>
      (bits & rule.bits) === rule.bits &&
      (!rule.first ||
        (from <= start && (rule.letters.includes('4') ? to - from === 1 : (bits & named & ~rule.bits) === 0))) &&
      (!rule.last || last || (other && !leaves.test(rule.letters))) &&
      (!rule.asking || /[AY]/.test(line)) &&
      // "Take me off the waitlist", "abmelden" of a course, or of what no list knows.
      !(leaves.test(rule.letters) && /[x3]/.test(line)) &&
      !(goes.test(rule.letters) && elsewhere.test(said.join(' '))),
  )
}
const leaves = /^(?:d[^t]*$|u[im]?$|c[lN]$)/
const goes = /^(?:d[ml]|u[im]?)$/
const elsewhere = /^(?!.*(?:^| )l(?! o)).*(?:^| )l?o(?: [.o])*(?: __?)(?: (?:__?|[.oYA]))*(?:$| [^tlNwi_.oYA1-4])/

/** "Why did you", "if I": unless a "please" stands between. */
function supposed(said: readonly string[], from: number): boolean {
  const asked = said.lastIndexOf('q', from)
  return asked >= 0 && said.lastIndexOf('Y', from) < asked
}

/** "They text me no more", "I got no texts". */
function told(said: readonly string[], from: number, bits: number, rule: Rule): boolean {
  let before = from - 1
  while (said[before] === '.') before--
  const [head = '', start = ''] = [said[before], said[from]]
  const denies = /[nz]/.test(rule.letters) && !/[sudjp]/.test(rule.letters)
  if (head === 'b' || (/^[yP]$/.test(head) && denies)) return true
  return head === 'I' && (bits & bitsOf('agpd')) === 0 && /^[snzv]/.test(start)
}

function stopOf(
  part: readonly Mark[],
  { said, start, end }: Said,
  from: number,
  to: number,
  bits: number,
): Stop | undefined {
  // Of what is named in it or close by.
  const near = (at: number): boolean =>
    at >= from
      ? at < to + 7 && !/[PIzn]/.test(said.slice(to + 1, at).join(''))
      : at >= from - 3 && !/[PIq]/.test(said.slice(at, from).join(''))
  const scopes = new Set(part.flatMap(({ scope }, at) => (scope !== undefined && near(at) ? [scope] : [])))
  const [scope] = scopes
  // Not then, but otherwise.
  const limited = said.lastIndexOf('h') > said.lastIndexOf('Y', from)
  if (scopes.size === 0 && limited) return undefined
  const has = (letters: string): boolean => (bits & bitsOf(letters)) !== 0
  return {
    ...(scopes.size === 1 && scope !== undefined && { scope }),
    whole: from <= start && to >= end && !said.slice(from, to).join('').includes('_'),
    vague: !has('wtNljurpd12'),
    points: has('i') && !has('Nl') && !said.slice(from, to + 1).includes('t') && scopes.size === 0,
    leaves: !has('wtNlvrj1234') && !has('s'),
    meant: said.lastIndexOf('k', from) >= 0,
  }
}

function stopAt(clauses: readonly Clause[], at: number, unsure: boolean): Asked | undefined {
  const { stop, bare, line, question, sentence } = clauses[at] as Clause
  if (!stop && !bare && !line.includes('T')) return undefined
  if (stop?.meant && clauses.slice(at + 1).some(({ line }) => line.startsWith('|k'))) return undefined
  const [before, after] = [clauses[at - 1], clauses[at + 1]]
  const around = `${before?.line ?? ''} ${after?.line ?? ''}`
  if (stop?.leaves && /G/.test(around) && !/[wtN]/.test(around)) return undefined
  // "Unsubscribe?? I didn't do that"
  if (bare && question && after && !/[AY]/.test(line)) return undefined
  if (stop && !stop.vague && !stop.points) return stop
  const [scope, another] = [before, clauses[at - 2]].find((one) => one?.scopes[0])?.scopes ?? []
  const found = { whole: false, ...(scope !== undefined && another === undefined && { scope }) }
  if (stop && !stop.vague) return found
  const spoken = (/[wtNW]/.test(around) || clauses.some(({ line }) => line.includes('W'))) && !/[xbq]/.test(around)
  const alone = clauses.length === 1
  if (stop && (stop.scope || spoken || /[se]/.test(line) || (alone && !/[ix]/.test(line))))
    return stop.scope ? stop : found
  if (bare && ((spoken && !question) || (alone && line.includes('s') && !(unsure && line === 's')))) return found
  if (!line.includes('T')) return undefined
  // "Stop or I call my lawyer", "if you text me again, …"
  let all = line
  for (let back = at - 1; clauses[back]?.sentence === sentence; back--) all += clauses[back]?.line
  return /^s/.test(line) || (/[wtv]/.test(all) && /[eq]/.test(all)) ? found : undefined
}
