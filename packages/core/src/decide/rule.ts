// The shape of a decision rule: when it is asked, what it looks at, and what it can answer. Pure.
import type {
  Address,
  Draft,
  Library,
  Medium,
  Own,
  Purpose,
  Reason,
  Rule,
  Sending,
  Shared,
  Slot,
} from '../contract/index.ts'
import type { Mover, Whereabouts } from '../schedule/index.ts'
import type { refusalOf } from './consent.ts'
import type { PreferredMedia } from './media.ts'

type Channels = Shared['channels']

/** Asked once: may this patron get this message, and by which media? A rejection ends the decision. */
export interface PatronCase {
  readonly shared: Shared
  readonly own: Own
  readonly library: Library
  readonly purpose: Purpose
  readonly preferred: PreferredMedia
  /** The channels that may carry it, of all media, in the order in which they are tried. */
  readonly carriers: Channels
}

/** Asked once for each medium. A rejection ends the medium. */
export interface MediumCase extends PatronCase {
  readonly medium: Medium
  /** The channels that carry this medium, in the order in which they are tried. */
  readonly channels: Channels
}

/** Asked once for each channel of the medium. A rejection ends the channel. */
export interface ChannelCase extends MediumCase {
  readonly channel: Channels[number]
  /** The recipient's addresses that this channel can take. */
  readonly addresses: readonly Address[]
}

/** Asked once for each address. A rejection ends the address, and only the rejection is noted. */
export interface AddressCase extends ChannelCase {
  readonly to: Address
  readonly draft: Draft | undefined
  /** Why this address may not be written to, if so. */
  readonly refusal: ReturnType<typeof refusalOf>
}

/** Asked for the first address that no rule rejects: when may it go? A rejection ends the channel. */
export interface TimeCase extends ChannelCase {
  readonly way: Pick<Sending, 'via' | 'to' | 'from' | 'units' | 'cost'>
  readonly slot: Slot | null | undefined
  readonly zone: string
  /** Where the recipient is: their zone and branch. */
  readonly here: Whereabouts
  /** In milliseconds: asked to go from, allowed from, sent at, expires at. */
  readonly start: number
  readonly opens: number
  readonly at: number
  readonly end: number | undefined
  /** Which rule moved it to when; `NaN` where a rule leaves no time at all. */
  readonly moves: ReadonlyMap<Mover, number>
}

/** The stages in the order in which they are asked, and what the rules of each look at. */
export interface Cases {
  readonly patron: PatronCase
  readonly medium: MediumCase
  readonly channel: ChannelCase
  readonly address: AddressCase
  readonly time: TimeCase
}
export type Stage = keyof Cases

/** What decides whether another medium is tried. */
export type Obstacle = 'refused' | 'undeliverable' | 'deadline'

/** The answer of a rule; without one, the rule has nothing to say. */
export type Judgement = Pick<Reason, 'verdict' | 'detail' | 'via' | 'ref'> & {
  readonly obstacle?: Obstacle
  /** The rejection holds for every channel of the medium. */
  readonly ends?: 'medium'
}

/** One reason to send, to wait or not to send. */
export interface DecisionRule<S extends Stage = Stage> {
  /** As it stands in the reasons of a decision. Two rules share a name where they look at one thing at two stages. */
  readonly name: Rule
  readonly stage: S
  /** All verdicts that it can give. */
  readonly verdicts: readonly Reason['verdict'][]
  /** The option of the host that governs it. */
  readonly option?: string
  readonly judge: (of: Cases[S]) => Judgement | undefined
}

type More = Omit<Judgement, 'verdict' | 'detail'>
export const pass = (detail: string, more: More = {}): Judgement => ({ verdict: 'pass', detail, ...more })
export const reject = (detail: string, more: More = {}): Judgement => ({ verdict: 'reject', detail, ...more })
export const defer = (detail: string, more: More = {}): Judgement => ({ verdict: 'defer', detail, ...more })
