import type { Names } from '@prm/kit-pages'

export type Role =
  | 'when'
  | 'clock'
  | 'page'
  | 'host'
  | 'search'
  | 'results'
  | 'source'
  | 'views'
  | 'visits'
  | 'exits'
  | 'status'
  | 'method'
  | 'agent'
  | 'referrer'

/** What columns are called in Google Analytics 4 (English, Spanish, French, German), in logs, and in reports of searches. */
export const names: Names<Role> = {
  when: ['date', 'fecha', 'datum', 'day', 'date time', 'datetime', 'timestamp', 'time local', 'time'],
  clock: ['time', 'hora', 'heure', 'uhrzeit'],
  page: [
    'page path and screen class',
    'page path and query string',
    'page path query string',
    'page path',
    'page location',
    'full page url',
    'ruta de la pagina y clase de pantalla',
    'ruta de pagina y clase de pantalla',
    'chemin de la page et classe de l ecran',
    'seitenpfad und bildschirmklasse',
    'request uri',
    'request',
    'cs uri stem',
    'uri',
    'url',
    'page',
    'path',
  ],
  host: ['hostname', 'host name', 'nombre de host', 'nom d hote', 'cs host', 'host', 'vhost'],
  search: [
    'search term',
    'termino de busqueda',
    'terme de recherche',
    'suchbegriff',
    'search string',
    'search terms',
    'keyword',
    'query',
  ],
  results: ['results', 'result count', 'number of results', 'num found', 'numfound', 'hits found'],
  source: [
    'session source',
    'source',
    'session source medium',
    'fuente de la sesion',
    'source de la session',
    'sitzungsquelle',
  ],
  views: [
    'views',
    'pageviews',
    'page views',
    'vistas',
    'vues',
    'aufrufe',
    'searches',
    'event count',
    'numero de eventos',
    'nombre d evenements',
    'ereignisanzahl',
    'frequency',
  ],
  visits: ['sessions', 'sesiones', 'sitzungen', 'visits'],
  exits: ['exits', 'salidas', 'sorties', 'ausstiege'],
  status: ['status', 'sc status', 'status code', 'http status', 'response'],
  method: ['method', 'cs method', 'verb', 'http method'],
  agent: ['user agent', 'cs user agent', 'useragent', 'http user agent', 'agent'],
  referrer: ['referrer', 'referer', 'cs referer', 'http referer'],
}
export const roles: readonly Role[] = Object.keys(names) as Role[]
