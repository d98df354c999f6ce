import { ok, type Route } from './account.ts'

const rows = [17, 18, 19, 20, 21].map((hold, index) => ({
  id: `N${hold}`,
  seq: index + 1,
  kind: hold === 20 ? 'birthday' : 'hold_ready',
  hold,
  card: `2900${hold}`,
  name: 'Ada Pine',
  phone: '+12125550134',
  language: 'en',
  title: 'The Tall Ship',
  collect_by: '2026-11-24',
  pickup: 'Elm Street',
}))

/** `GET /notices`, two a page whatever was asked for. */
export const notices: Route = (_, { method, url }) => {
  if (method !== 'GET' || url.pathname !== '/notices') return undefined
  const after = rows.filter(({ seq }) => seq > Number(url.searchParams.get('after') ?? 0))
  return ok({ notices: after.slice(0, 2), more: after.length > 2 })
}
