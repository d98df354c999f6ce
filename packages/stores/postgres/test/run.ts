import type { TestProject } from 'vitest/node'
import { startServer } from './server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The url of the run's server; empty where there is none. */
    postgres: string
    /** Why there is none. */
    without: string
  }
}

/** One server for the run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startServer()
  const none = typeof server === 'string'
  project.provide('postgres', none ? '' : server.url)
  project.provide('without', none ? server : '')
  return async () => {
    if (!none) await server.remove()
  }
}
