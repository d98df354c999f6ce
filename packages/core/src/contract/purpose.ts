// Why the library writes: a purpose and the rules that hold for it.
import type { FrequencyCap } from './library.ts'
import type { Block } from './people.ts'
import type { Duration, Medium, Price } from './primitives.ts'

export type MediaChoice = 'notice' | 'patron' | 'purpose'

/** Why the library writes at all. Consent and rules go by purpose. */
export interface Purpose {
  /** `service`: may be sent unless refused. `consent`: only to an address that agreed. */
  readonly basis: 'service' | 'consent'
  readonly class: 'service' | 'promotional'
  /** Media to try, best first. `mediaPriority` says when they count. */
  readonly media?: readonly Medium[]
  /**
   * Whose choice of media counts, first to last: the ILS's for this `notice`, the `patron`'s, or the `media` of this `purpose`.
   * The first that names any decides; one that is left out never does. The default is notice, patron, purpose.
   */
  readonly mediaPriority?: readonly MediaChoice[]
  /** `ignore`: at any hour, and before all else that is due. */
  readonly quietHours?: 'defer' | 'ignore'
  /** What to do when nobody can say whether a message was taken. The default is `task`: it waits for a person. */
  readonly onUnknownOutcome?: 'resend' | 'task'
  /** What to do when a re-check cannot be answered. The default is `send`: an ILS that is down holds back no notice. */
  readonly onRecheckFailure?: 'send' | 'wait' | 'task'
  /** When another medium of `media` is tried: none of those wished for has an address, or the address proves bad, or the
   * message could not go before its deadline. Without a word here, only those wished for are tried. */
  readonly fallback?: readonly ('no-address' | 'undeliverable' | 'deadline')[]
  /**
   * So urgent that it goes by another adapter of the same medium where its own has been down for `after` (5 min), as long as
   * these cost no more than `perDay`, by the library's day; what is more, or has no known price in this currency, waits.
   */
  readonly failover?: { readonly after?: Duration; readonly perDay: Price }
  /** No more than `max` in any `per` to one patron; what is more waits. */
  readonly frequencyCap?: FrequencyCap
  /** Sends only while the branch is open. */
  readonly onlyWhileOpen?: boolean
  /** Who is written to about a minor. The default is `patron` for service, `nobody` for promotional messages. */
  readonly minor?: 'patron' | 'guardian' | 'nobody'
  /** Who is not written to for this purpose. */
  readonly exclude?: {
    readonly blocks?: readonly Block[]
    readonly categories?: readonly string[]
    /** The card has expired. */
    readonly expired?: boolean
  }
}
