import { PrmError } from '@prm/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { headingOf, pageNames } from '../src/index.ts'

const name = pageNames({
  hosts: { 'faq.example.org': 'answers.example.org' },
  proxies: ['ezproxy.example.org'],
  moves: [
    { from: 'https://guides.example.org/citing', to: 'https://guides.example.org/c.php?g=7' },
    { from: 'https://guides.example.org/c.php?g=7', to: 'https://guides.example.org/c.php?g=8' },
    {
      from: 'https://guides.example.org/big',
      to: ['https://guides.example.org/one', 'https://guides.example.org/two'],
    },
  ],
})

test.each([
  ['http://www.Guides.example.org:80/renew/index.php', 'guides.example.org/renew'],
  ['https://guides.example.org/renew/;jsessionid=0A1B2C?x=1', 'guides.example.org/renew'],
  ['https://guides.example.org/renew?utm_source=mail&fbclid=abc&PHPSESSID=9', 'guides.example.org/renew'],
  ['https://guides.example.org/c.php?p=12&g=3&q=patron+words#citing', 'guides.example.org/c.php?g=3&p=12'],
  ['https://faq.example.org/faq/12', 'answers.example.org/faq/12'],
  ['https://login.ezproxy.example.org/login?url=https://faq.example.org/faq/12', 'answers.example.org/faq/12'],
  [
    'https://login.ezproxy.example.org/login?qurl=https%3A%2F%2Ffaq.example.org%2Ffaq%2F12',
    'answers.example.org/faq/12',
  ],
  ['https://faq-example-org.ezproxy.example.org/faq/12', 'answers.example.org/faq/12'],
  ['http://faq.example.org.ezproxy.example.org/faq/12', 'answers.example.org/faq/12'],
  ['https://inter--library-example-org.ezproxy.example.org/', 'inter-library.example.org'],
  ['https://guides.example.org/citing', 'guides.example.org/c.php?g=8'],
  ['//guides.example.org/%c3%a9tudes/', 'guides.example.org/%C3%A9tudes'],
  ['the desk on the second floor', 'the desk on the second floor'],
  ['https://guides.example.org/big', 'guides.example.org/big'],
])('%s is %s', (address, page) => expect(name(address)).toBe(page))

const part = fc.stringMatching(/^[a-zA-Z0-9.~%;=_-]{0,12}$/)
const address = fc
  .tuple(
    fc.constantFrom(
      'http://',
      'https://',
      '//',
      '',
      'HTTPS://WWW.',
      'https://login.ezproxy.example.org/login?url=https://',
    ),
    fc.constantFrom(
      'guides.example.org',
      'faq.example.org',
      'a--b-example-org.ezproxy.example.org',
      'localhost:8080',
      'x.org:443',
    ),
    fc.array(part, { maxLength: 3 }),
    fc.array(fc.tuple(fc.constantFrom('g', 'p', 'utm_source', 'id', 'sid', 'q'), part), { maxLength: 3 }),
  )
  .map(([scheme, host, path, query]) => {
    const search = query.map(([key, value]) => `${key}=${value}`).join('&')
    return `${scheme}${host}/${path.join('/')}${search && `?${search}`}`
  })

test('the name of a page is its own name, whatever the address', () => {
  fc.assert(
    fc.property(
      fc.oneof(address, fc.webUrl({ withQueryParameters: true, withFragments: true }), fc.string()),
      (one) => {
        expect(name(name(one))).toBe(name(one))
      },
    ),
    { numRuns: 5_000 },
  )
})

test('what does not name a page does not change its name', () => {
  fc.assert(
    fc.property(address, fc.stringMatching(/^[a-z0-9]{1,8}$/), (one, value) => {
      fc.pre(!one.includes('ezproxy'))
      const glue = one.includes('?') ? '&' : '?'
      expect(name(`${one}${glue}utm_campaign=${value}&gclid=${value}#${value}`)).toBe(name(one))
    }),
  )
})

test('pages that lead to each other in a circle are refused', () => {
  const moves = [
    { from: 'https://a.org/1', to: 'https://a.org/2' },
    { from: 'https://a.org/2', to: 'https://a.org/1' },
  ]
  expect(() => pageNames({ moves })).toThrow(PrmError)
})

test('a heading is what an address points at, in words', () => {
  expect(headingOf('https://guides.example.org/citing#apa-style')).toBe('apa-style')
  expect(headingOf('https://guides.example.org/citing#s-lg-box-1 2')).toBeUndefined()
  expect(headingOf('https://guides.example.org/citing')).toBeUndefined()
})
