export { blindSpots, type SourceSeen } from './blind.ts'
export type { Brief, Line } from './brief.ts'
export { type Budget, type Meter, meter, type Standing } from './budget.ts'
export {
  type Listening,
  type ListeningOptions,
  listening,
  type MentionRead,
  mentionStands,
  type Seen,
  stepOf,
} from './desk.ts'
export { type Decided, type Heard, listeningEvents, type Scored } from './events.ts'
export { idOf as mentionId } from './hear.ts'
export { english, type Lexicon } from './lexicon.ts'
export { type Finding, lint } from './lint.ts'
export type { Exclusion, Period, Yield } from './measure.ts'
export { type Copies, type Copy, type Draft, type Mention, mentionOf, type Posted } from './mention.ts'
export { type Pack, readPacks } from './packs.ts'
export { type Network, queryFor } from './query.ts'
export type { Rate, Times } from './rate.ts'
export { type Judge, judge, type Post, type Relevance, relevance } from './relevance.ts'
export {
  type Advice,
  advice,
  type DecisionKind,
  type Sentiment,
  type Tone,
  type ToneReader,
  tone,
  toneBy,
  type Urgency,
} from './tone.ts'
export { type Jump, jump } from './watch.ts'
export { html, markdown } from './written.ts'
