export { pageChanges } from './changes.ts'
export { type Clock, clockIn, type Wall } from './clock.ts'
export {
  type CsvOptions,
  type Dated,
  dated,
  folded,
  type Header,
  type Names,
  type Row,
  type Rows,
  readCsv,
} from './csv.ts'
export { type Dating, datingOf, dayOf, type Order, readDate, type When, type Written, whenOf } from './dates.ts'
export { type Folder, filesSince } from './folder.ts'
export { tooDeep, withoutTags } from './tags.ts'
export { shownText, versionOf } from './text.ts'
