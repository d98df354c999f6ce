export { type Cell, type Hidden, hide } from './cells.ts'
export { type CrosswalkReport, crosswalk, imls, localScheme, read3, rusa, type Scheme } from './counting-rules.ts'
export { type Edit, type EditsOptions, type EditsReport, edits, type Window } from './edits.ts'
export { type Course, type Effect, effect, type Measured, type NotEnough, type Week } from './effect.ts'
export { type Answer, type Gap, type GapsOptions, type GapsReport, gaps, type Search } from './gaps.ts'
export { busiestHours, type HoursReport } from './hours.ts'
export { knownPages, said, search, transaction, version } from './interactions.ts'
export type { Sources, Widget } from './join.ts'
export type { Language } from './languages.ts'
export { headingOf, type Move, type PageNames, pageNames } from './page-id.ts'
export {
  type Cluster,
  type PageRow,
  type PagesOptions,
  type PagesReport,
  type Part,
  pages,
  type SilentPage,
  type Told,
  type Why,
} from './pages.ts'
export type { Frame, Kind, MetricRow, Post, Rows, Said, Version } from './quotes.ts'
export type { Rate } from './rate.ts'
export { type Level, type ReadGroup, type ReadReport, readLevels } from './read-levels.ts'
export { type RecurrenceOptions, type RecurrenceReport, recurrence, type Side } from './recurrence.ts'
export type { Privacy } from './redact.ts'
export { firstResponse, type ResponseGroup, type ResponseReport } from './response.ts'
export {
  type Exits,
  type Source,
  type Standing,
  type Theme,
  type ThemesOptions,
  type ThemesReport,
  themes,
} from './themes.ts'
export type { Quote, Reading } from './topics.ts'
export type { Class, Questions, Transaction } from './transaction.ts'
