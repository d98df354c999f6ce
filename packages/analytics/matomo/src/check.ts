import type { CheckResult, Context } from '@prm/core/adapter'
import { faultOf } from '@prm/kit'
import { type Ask, site, urls, version } from './api.ts'
import { today } from './metrics.ts'

export async function check(ask: Ask, ctx: Context): Promise<readonly CheckResult[]> {
  try {
    const { value } = await ask('API.getMatomoVersion', {}, version, ctx)
    const { timezone, sitesearch } = await ask('SitesManager.getSiteFromId', {}, site, ctx)
    const hosts = new Set((await ask('SitesManager.getSiteUrlsFromId', {}, urls, ctx)).map(hostOf))
    const searches = String(sitesearch) === '1'
    return [
      {
        what: 'metrics.pull',
        ok: true,
        detail: `Matomo ${value}; its day is that of ${timezone}, now ${today(timezone, ctx)}.`,
      },
      hosts.size > 1
        ? {
            what: 'metrics.page',
            ok: 'unknown',
            detail: `The site has ${hosts.size} hosts, and Matomo counts pages of one path on several hosts as one.`,
            hint: 'Give each host a site of its own where their paths are the same.',
          }
        : { what: 'metrics.page', ok: true, detail: 'The site has one host.' },
      {
        what: 'metrics.search',
        ok: searches,
        detail: searches ? 'Site search is tracked.' : 'Site search is off for this site.',
        ...(!searches && { hint: 'In Matomo: Administration, Websites, Manage, Site Search.' }),
      },
    ]
  } catch (error) {
    const hint = 'In Matomo: Administration, Personal, Security, Auth tokens, of a user with view access.'
    return [{ what: 'metrics.pull', ...faultOf(error), hint }]
  }
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).hostname : url)
