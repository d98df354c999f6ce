import { messageDelivery } from '@prm/core'
import type { AnyPrm } from './config.ts'

// OpenMetrics 1.0: counters end in _total, each family has its TYPE and HELP, and the text ends with # EOF.

export const openMetrics: string = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

interface Family {
  readonly type: 'counter' | 'gauge' | 'info'
  readonly help: string
}

/** No name, number, key or text is a label: libraries, adapters, purposes, rules and states are the host's own words. */
const families: { readonly [N in Name]: Family } = {
  prm_facts: { type: 'counter', help: 'Facts stored, by type.' },
  prm_decisions: { type: 'counter', help: 'Decisions, by purpose and outcome: send, or the rule against.' },
  prm_messages: { type: 'counter', help: 'Messages that were handed over or ended without, by state.' },
  prm_reports: {
    type: 'counter',
    help: 'What was reported, or answered when asked, of messages handed over before, by state.',
  },
  prm_failures: { type: 'counter', help: 'Jobs that failed, by error code; dead ones are not tried again.' },
  prm_bad_rows: { type: 'counter', help: 'Rows of sources that could not be read.' },
  prm_requests: { type: 'counter', help: 'Requests to webhooks and pages, by status.' },
  prm_adapter_paused: { type: 'gauge', help: '1 while an adapter is paused, since its set-up is refused.' },
  prm_dead_jobs: { type: 'gauge', help: 'Work that ended undone and waits for a person.' },
}
type Name =
  | 'prm_facts'
  | 'prm_decisions'
  | 'prm_messages'
  | 'prm_reports'
  | 'prm_failures'
  | 'prm_bad_rows'
  | 'prm_requests'
  | 'prm_adapter_paused'
  | 'prm_dead_jobs'
type Labels = { readonly [name: string]: string }

export interface Metrics {
  watch(prm: AnyPrm): void
  add(name: Name, labels: Labels, value?: number): void
  set(name: Name, labels: Labels, value: number): void
  text(): string
}

export function metrics(): Metrics {
  const values = new Map<Name, Map<string, number>>()
  const at = (name: Name): Map<string, number> => {
    const some = values.get(name) ?? new Map<string, number>()
    values.set(name, some)
    return some
  }
  const add = (name: Name, labels: Labels, value = 1): void => {
    const key = inLine(labels)
    at(name).set(key, (at(name).get(key) ?? 0) + value)
  }
  const set = (name: Name, labels: Labels, value: number): void => void at(name).set(inLine(labels), value)
  return {
    add,
    set,
    watch(prm) {
      const library = prm.options.library.id
      prm.on('recorded', ({ type, source, data }) => {
        add('prm_facts', { library, type })
        const { state } = data as { readonly state?: string }
        if (type === messageDelivery.name && state) add('prm_reports', { library, adapter: source, state })
      })
      prm.on('rejected', () => add('prm_bad_rows', { library }))
      prm.on('decided', ({ purpose, outcome }) =>
        add('prm_decisions', { library, purpose, outcome: outcome.send ? 'send' : outcome.rule }),
      )
      prm.on('message', ({ via, purpose, state }) => add('prm_messages', { library, adapter: via, purpose, state }))
      prm.on('reported', ({ via, state }) => add('prm_reports', { library, adapter: via, state }))
      prm.on('jobFailed', ({ error, dead }) => add('prm_failures', { library, code: error.code, dead: String(dead) }))
      prm.on('adapter', ({ id, state }) =>
        set('prm_adapter_paused', { library, adapter: id }, state === 'paused' ? 1 : 0),
      )
    },
    text() {
      const lines: string[] = []
      for (const [name, { type, help }] of Object.entries(families)) {
        lines.push(`# TYPE ${name} ${type}`, `# HELP ${name} ${help}`)
        const suffix = type === 'counter' ? '_total' : ''
        for (const [labels, value] of at(name as Name)) lines.push(`${name}${suffix}{${labels}} ${value}`)
      }
      return `${lines.join('\n')}\n# EOF\n`
    },
  }
}

function inLine(labels: Labels): string {
  const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',')
}
