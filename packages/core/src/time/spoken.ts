/** `Tue, Nov 24, 08:00` in the zone. */
export function spoken(ms: number, zone: string): string {
  let clock = spokenClocks.get(zone)
  if (!clock) {
    const words = new Intl.DateTimeFormat('en', {
      timeZone: zone,
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
    clock = { words, known: new Map() }
    spokenClocks.set(zone, clock)
  }
  const { words, known } = clock
  const minute = Math.floor(ms / 60_000)
  let text = known.get(minute)
  if (text === undefined) {
    text = words.format(ms)
    if (known.size >= 1_500) known.clear()
    known.set(minute, text) // of bulk thousands go in one minute
  }
  return text
}

const spokenClocks = new Map<string, { readonly words: Intl.DateTimeFormat; readonly known: Map<number, string> }>()
