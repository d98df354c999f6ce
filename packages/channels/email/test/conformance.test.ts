import { adapterSuite } from '@prm/conformance'
import { test } from 'vitest'
import { simulate } from '../simulator/index.ts'
import { email } from '../src/index.ts'

const password = 'correct horse battery staple'
const secret = 'a long random text that seals all names'
const inletSecret = 'signs what is posted to the inlet'
const made = { host: '127.0.0.1', port: 2525, user: 'library', password }

adapterSuite(test, {
  make: (simulator) =>
    email({
      from: 'Alder Library <notices@alder.example>',
      secret,
      smtp: simulator?.credentials ?? made,
      unsubscribe: { purposes: '*' },
      inlet: { secret: inletSecret },
    }),
  simulate: () => simulate({ password, inletSecret }),
  fixtures: {
    known: { scheme: 'mailto', value: 'ada.pine@patron.example' },
    unknown: { scheme: 'mailto', value: 'nobody@patron.invalid' },
    text: 'Ada Pine, “The Tall Ship” waits at the desk.',
    forbidden: [password, secret, inletSecret, 'Ada Pine', 'The Tall Ship', 'ada.pine@patron.example'],
  },
})
