import { main } from './main.ts'

export { type Adapters, type Host, hostOf } from './notices/host.ts'

/** What `prm notices` does with these arguments. Sets the process's exit code. */
export function notices(args: readonly string[]): Promise<void> {
  return main(['notices', ...args])
}
