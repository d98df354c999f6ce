import { test } from 'node:test'
import { adapterSuite } from '../src/index.ts'
import { suiteOf } from './run.ts'

adapterSuite(test, suiteOf())
