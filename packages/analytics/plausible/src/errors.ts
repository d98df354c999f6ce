import { type Code, PrmError } from '@prm/core/adapter'

const hourMs = 3_600_000

/** `Too many API requests in a short period of time. The limit is 60 per 10 seconds.` No header says it. */
function waitIn(refused: string): number {
  const [, seconds] = /\bper (\d+) seconds?\b/.exec(refused) ?? []
  return seconds === undefined ? hourMs : Number(seconds) * 1000
}

const meaning: { readonly [code in Code]?: string } = {
  auth: 'the key is wrong, or has no access to this site',
  forbidden: 'the plan of the account has no Stats API, or the site is locked',
}

/** What can be done about it; Plausible's own words may name a goal, and are not repeated. */
export function inWords(error: PrmError, refused: string): PrmError {
  const { code, vendor, retryAfterMs } = error
  if (code === 'rate_limited')
    return new PrmError(code, 'Plausible takes no more questions for now.', {
      retryAfterMs: retryAfterMs ?? waitIn(refused),
      ...(vendor && { vendor }),
    })
  if (code === 'invalid' && /goal/i.test(refused))
    return new PrmError('config', 'Plausible knows no such goal: add it in the settings of the site, under Goals.', {
      field: 'search.goal',
    })
  const why = meaning[code]
  return why && vendor?.status ? new PrmError(code, `Plausible refused: ${why}.`, { vendor }) : error
}
