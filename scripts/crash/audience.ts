export interface Recipient {
  readonly card: string
  readonly phone: string
  readonly hold: number
}

/** Area codes whose 555-0100 to 555-0199 are set aside for invented people. */
const areas = [
  201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219, 225, 228, 229, 231, 234, 239,
  240,
]

/** Invented patrons: more of them than numbers, so that in every family two cards share a phone. */
export function recipients(count: number): readonly Recipient[] {
  return Array.from({ length: count }, (_, index) => {
    // Every tenth has the phone of the one before.
    const owner = index % 10 === 9 ? index - 1 : index
    const line = Math.floor(owner / areas.length) % 100
    return {
      card: `2${String(index).padStart(13, '0')}`,
      phone: `+1${areas[owner % areas.length]}55501${String(line).padStart(2, '0')}`,
      hold: index + 1,
    }
  })
}

/** As Polaris writes it: one hold that is ready for each. */
export function file(audience: readonly Recipient[]): string {
  const rows = audience.map(({ card, phone, hold }) =>
    [
      'T',
      'eng',
      '2',
      '1',
      card,
      ' ',
      'Ann',
      'Example',
      phone.slice(2),
      ' ',
      'MAIN',
      'Main Library',
      `3${card.slice(1)}`,
      '12/31/2099',
      'A Title',
      '3',
      '1033',
      '2',
      '8',
      String(hold),
      String(hold),
      String(hold),
      ' ',
      ' ',
      ' ',
    ]
      .map((cell) => `"${cell}"`)
      .join(','),
  )
  return `${rows.join('\r\n')}\r\n`
}
