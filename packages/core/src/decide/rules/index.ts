// All decision rules, in the order in which they are asked. To add one: write a file beside this one and list it here, in the
// stage whose case has what it looks at (`../rule.ts` tells the five stages). `window.ts` is a helper of three of them.
import type { DecisionRule, Stage } from '../rule.ts'
import { addressKnown } from './address-known.ts'
import { addressValid } from './address-valid.ts'
import { allowlist } from './allowlist.ts'
import { block } from './block.ts'
import { category } from './category.ts'
import { channelForMedium } from './channel-for-medium.ts'
import { channelReaches } from './channel-reaches.ts'
import { consent } from './consent.ts'
import { deadline } from './deadline.ts'
import { digest } from './digest.ts'
import { duplicate } from './duplicate.ts'
import { exposure } from './exposure.ts'
import { fallback } from './fallback.ts'
import { frequencyCap } from './frequency-cap.ts'
import { length } from './length.ts'
import { minor } from './minor.ts'
import { openingHours } from './opening-hours.ts'
import { outage } from './outage.ts'
import { outageBudget } from './outage-budget.ts'
import { preference } from './preference.ts'
import { proxy } from './proxy.ts'
import { purpose } from './purpose.ts'
import { quietHours } from './quiet-hours.ts'
import { rate } from './rate.ts'
import { suppressed } from './suppressed.ts'
import { template } from './template.ts'

/** The rules of each stage, stages and rules in order. The first rejection of a stage ends it. */
export const rules: { readonly [S in Stage]: readonly DecisionRule<S>[] } = {
  patron: [purpose, duplicate, category, block, minor, proxy, digest, fallback, outage, preference],
  medium: [channelForMedium],
  channel: [addressKnown],
  address: [addressValid, allowlist, suppressed, consent, template, exposure, channelReaches, length],
  time: [quietHours, openingHours, frequencyCap, outageBudget, rate, deadline],
}
