import type { Layout } from '../layout.ts'
import { itiva } from './itiva.ts'
import { mails } from './mails.ts'
import { shoutbomb } from './shoutbomb.ts'

/**
 * The layouts. Ids and columns are those of the sources named in the README. To add one, add an entry to its family's list;
 * nothing else knows a layout by name.
 */
export const layouts: readonly Layout[] = [...itiva, ...shoutbomb, ...mails]
