import type { Faults } from '@prm/kit/simulator'
import type { SimulateOptions } from './options.ts'

/** As staff see it. */
export interface Ticket {
  readonly qid: string
  readonly quid: string
  readonly pquestion: string
  readonly pdetails: string
  readonly pemail: string
  readonly created: string
}
export interface Transaction {
  readonly transaction_id: number
  readonly dataset_id: number
  /** The tenant's local time: `2026-11-24 10:05:00`. */
  readonly created: string
  readonly question: string
  readonly details?: string
  readonly answer?: string
  readonly internal_note?: string
  readonly owner: string
  readonly custom_fields: readonly {
    readonly field_id: number
    readonly field_label: string
    readonly field_answer: string
  }[]
}
export interface Faq {
  question: string
  answer: string
  details: string
  /** Without a public address, for staff. */
  public: boolean
  updated: string
}

/** All that one simulator knows. */
export interface Tenant {
  readonly options: SimulateOptions & { readonly expiresIn: number; readonly scopes: string }
  readonly clientId: string
  readonly clientSecret: string
  readonly iid: string
  readonly queue: string
  readonly dataset: string
  /** With when each ends, in ms. */
  readonly tokens: Map<string, number>
  readonly tickets: Ticket[]
  readonly transactions: Transaction[]
  readonly faqs: Map<number, Faq>
  readonly faults: Faults
  given?: number
  inside: number
  now(): Date
}

/** 45, which is more than two of its pages; one is for staff. */
export function faqs(): Map<number, Faq> {
  const subjects = [
    'a library card',
    'study rooms',
    'printing',
    'interlibrary loans',
    'the catalogue',
    'fines',
    'e-books',
    'archives',
    'wireless network',
  ]
  const asks = [
    'How do I get help with',
    'Who may use',
    'When can I ask about',
    'What does it cost to use',
    'Where do I find',
  ]
  const all = new Map<number, Faq>()
  for (let n = 0; n < 45; n++) {
    const subject = subjects[n % subjects.length] ?? ''
    const day = String(1 + (n % 28)).padStart(2, '0')
    all.set(1000 + n, {
      question: `${asks[Math.floor(n / subjects.length)]} ${subject}?`,
      answer: n % 3 === 0 ? '' : `<p>Ask at the desk about <b>${subject}</b> &amp; more.</p>`,
      details: n % 3 === 0 ? `<div class="d">See the page of ${subject}.</div>` : '',
      public: n !== 44,
      updated: `2026-10-${day} 09:00:00`,
    })
  }
  all.set(1000, {
    question: 'What&#39;s a &quot;renewal&quot;?',
    answer: '<p>You may <em>renew</em> a loan twice.</p>',
    details: '',
    public: true,
    updated: '2026-11-20 10:05:00',
  })
  return all
}
