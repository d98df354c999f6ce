import type { Contend } from './place.ts'

/* One contender in its own process: `child.ts MODULE TASK`. It speaks to who started it by IPC. */

// Who started it is gone.
process.once('disconnect', () => process.exit(1))

const [, , module = '', task = '{}'] = process.argv
const { contend } = (await import(new URL(module, import.meta.url).href)) as { contend: Contend<unknown, object> }
const tell = (message: object): Promise<void> => new Promise((resolve) => process.send?.(message, () => resolve()))
const result = await contend(JSON.parse(task), {
  async ready(value = null) {
    const stopped = new Promise<void>((resolve) => process.once('message', () => resolve()))
    await tell({ ready: value })
    await stopped
  },
})
await tell({ result: { ...result, peakMb: Math.round(process.resourceUsage().maxRSS / 1024) } })
process.exit()
