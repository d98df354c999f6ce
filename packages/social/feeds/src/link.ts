/** What only counts who came from where. */
const counters = /^(utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid|yclid|_hs(enc|mi)|wt_mc|cmpid)$/i

/**
 * The address that a link leads to: a redirect of Google's is unwrapped, what only counts visits is dropped. Fragments stay:
 * in forums they name the post. Nothing where it is not http or https.
 */
export function canonical(link: string, base?: string): string | undefined {
  let url = parsed(link.trim(), base)
  for (let n = 0; url && n < 3; n++) {
    const inner = unwrapped(url)
    if (inner === undefined) break
    url = parsed(inner)
  }
  if (!url) return undefined
  for (const name of [...url.searchParams.keys()]) if (counters.test(name)) url.searchParams.delete(name)
  url.hash = url.hash.replace(/:~:.*$/, '')
  url.username = ''
  url.password = ''
  return url.href
}

function parsed(link: string, base?: string): URL | undefined {
  const from = base !== undefined && URL.canParse(base) ? base : undefined
  if (link === '' || !URL.canParse(link, from)) return undefined
  const url = new URL(link, from)
  return /^https?:$/.test(url.protocol) ? url : undefined
}

/** `https://www.google.com/url?…&url={target}&…`, decoded once; `q` in older ones. */
function unwrapped({ hostname, pathname, searchParams }: URL): string | undefined {
  if (!/^(www\.)?google\.[a-z]{2,3}(\.[a-z]{2})?$/.test(hostname) || pathname !== '/url') return undefined
  return searchParams.get('url') ?? searchParams.get('q') ?? undefined
}
