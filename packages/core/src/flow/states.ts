// The life of each kind of step, as its run stores it.
import type { RunStep } from '../contract/index.ts'

type State = RunStep['is']

/** From which state a step comes to which, and on what. A state that nothing leaves is an end. */
const stepStates: readonly { readonly from: 'new' | State; readonly on: string; readonly to: State }[] = [
  { from: 'new', on: 'the work of `step` returns', to: 'done' },
  { from: 'new', on: '`step.sleep` is called', to: 'asleep' },
  { from: 'asleep', on: 'its time comes', to: 'slept' },
  { from: 'new', on: '`step.wait` is called', to: 'waiting' },
  { from: 'waiting', on: 'an interaction matches, or its time runs out', to: 'answered' },
]

export type Ended = Extract<RunStep, { n: number }>
/** A state on its way to the store, which numbers the ends of a run. */
export type Unnumbered = RunStep extends infer S ? (S extends { n: number } ? Omit<S, 'n'> : S) : never

const left = new Set<string>(stepStates.map(({ from }) => from))

/** Has this step ended? */
export function isEnd(is: State): boolean {
  return !left.has(is)
}
