// In: instants, durations, zones and windows. Out: instants, days and words for them.
// Promise: pure; no clock is read here.
export { instant, isDay, latest, milliseconds, utc } from './instants.ts'
export { spoken } from './spoken.ts'
export { minutes, nextOpen, nextOpening, type QuietWindow } from './windows.ts'
export { deadline, endOfDay, localDay, zoneExists } from './zones.ts'
