import { writeFileSync } from 'node:fs'
import { recipients } from '../audience.ts'

const zones = ['America/Chicago', 'America/New_York', 'America/Denver']

/** A list as a library's own export would write it: two languages, three zones. */
export function write(file: string, count: number, note = ''): void {
  let lines = 'id,name,phone,email,language,timezone,branch,category,birthdate,expires,consent,club,note\n'
  writeFileSync(file, '')
  let index = 0
  for (const { card, name, phone, branch } of recipients(count)) {
    lines += `${card},${name},${phone},ann${index}@example.org,${index % 3 ? 'en' : 'es'},${zones[index % 3]},${branch},adult,1980-02-03,2099-01-01,yes,chess,${note}\n`
    index++
    if (lines.length < 1_000_000) continue
    writeFileSync(file, lines, { flag: 'a' })
    lines = ''
  }
  writeFileSync(file, lines, { flag: 'a' })
}

export const templates = [
  { text: '{{ library }}: {{ name }}, the {{ club }} club meets on Sunday. Reply STOP to opt out.' },
  { language: 'es', text: '{{ library }}: {{ name }}, el club {{ club }} es el domingo. Responda STOP para salir.' },
] as const
