import { bound, type Column, dateOrBlank, plain, text } from '../columns.ts'
import type { Layout } from '../layout.ts'

// dcplibrary/shoutbomb-reports: what Shoutbomb mails to a library, as a sheet of one site describes it.

const tel = (name: string): Column => bound(name, /^\+?[\d ().-]{7,20}$/, 'a phone number')
const any = (name: string): Column => plain(name, /^/)
const mail = { family: 'shoutbomb-report', dates: ['YYYY-MM-DD'] } as const

const numbers = {
  delimiter: '::',
  atLeast: 2,
  columns: [
    tel('phone'),
    bound('patron barcode', /./, 'a card number or "No associated barcode"'),
    // Of a patron who is gone the branch.
    plain('patron id', /^\d*$/),
    plain('delivery option id', /^\d*$/),
    plain('SMS', /^(SMS)?$/),
  ],
} as const
const parts = {
  '': /These patron phone numbers/i,
  'opted-out': /OPTED-OUT/i,
  invalid: /\binvalid\b(?! patron phone)/i,
} as const

function numberOf([phone, barcode = '']: readonly string[], part: string): ReturnType<Layout['read']> {
  const card = /^no associated/i.test(barcode) ? {} : { card: barcode }
  return { is: 'report', about: part === 'opted-out' ? 'opted-out' : 'invalid', phone, ...card }
}

/** `Invalid patron phone number Thu, November 13th 2025` */
const invalid: Layout = {
  ...mail,
  ...numbers,
  id: 'shoutbomb-report-invalid',
  mail: { says: /Invalid patron phone number|patron phone numbers seem to/i, rows: /::/, parts, told: true },
  read: (cells, _, part) => numberOf(cells, part),
}

/** `Voice notices that were not delivered on Mon, November 10th 2025`: with names, which are left out. */
const voiceFailures: Layout = {
  ...mail,
  id: 'shoutbomb-report-voice-failures',
  delimiter: '|',
  mail: { says: /Voice notices that were not delivered/i, rows: /\|/ },
  columns: [
    tel('phone'),
    bound('patron barcode', /./, 'a card number'),
    text('library'),
    text('name'),
    bound('message', /./, 'a kind of message', /message$/i),
  ],
  read: ([phone, card = '', , , what = '']) => ({ is: 'report', about: 'not-delivered', phone, card, what }),
}

/** `Calls that generated errors Sun, November 2nd 2025`: three tries of each number, a line each. */
const callErrors: Layout = {
  ...mail,
  id: 'shoutbomb-report-call-errors',
  delimiter: '::',
  mail: { says: /Calls that generated errors|Calls to these patron phone numbers were not processed/i, rows: /::/ },
  columns: [
    ...['provider', 'call'].map(any),
    bound('patron number', /^Patron number \+?\d{7,}$/, 'Patron number and its digits'),
    ...['home library', 'error', 'disconnect', 'message', 'transaction', 'library number'].map(any),
    dateOrBlank('date'),
    ...['time', 'end'].map(any),
  ],
  atLeast: 11,
  read(cells, day) {
    const [, , patron = '', , , , what = '', , , date = ''] = cells
    return { is: 'report', about: 'call-failed', phone: patron.replace(/\D+/, ''), what, day: day(date) }
  },
}

/** `Shoutbomb Rpt October 2025`: counts, and the numbers of the month once more. */
const monthly: Layout = {
  ...mail,
  ...numbers,
  id: 'shoutbomb-report-monthly',
  mail: {
    says: /Shoutbomb Rpt|sent for the month =/i,
    rows: /::.*::|^\s*[+\d][^:]*::/,
    counts: /(?<=(?:=|::| was used| there were| has| is| average| signed up) )\d[\d,]*(?:\.\d+)?/,
    parts,
  },
  read: (cells, _, part) => numberOf(cells, part),
}

/** The first whose words a mail says: the monthly one says those of others too. */
export const mails: readonly Layout[] = [monthly, invalid, voiceFailures, callErrors]
