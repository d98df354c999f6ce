import { host } from '../ours.ts'
import type { Contend } from '../place.ts'

export interface Task {
  readonly file: string
  readonly provider: string
}

/** A host as it starts on a machine that comes back: it works until it is killed. */
export const contend: Contend<Task, object> = async ({ file, provider }) => {
  const { prm } = host(file, { provider, url: 'https://library.example/prm' })
  await prm.run()
  return {}
}
