import type { LocalDate } from '@prm/core/adapter'

/** How a file writes a day. One form holds for the whole file. */
export type DateForm = 'YYYY-MM-DD' | 'MM/DD/YYYY' | 'MM-DD-YYYY' | 'DD/MM/YYYY' | 'DD.MM.YYYY'

const places = {
  'YYYY-MM-DD': { shape: /^\d{4}-\d\d-\d\d$/, y: 0, m: 5, d: 8 },
  'MM/DD/YYYY': { shape: /^\d\d\/\d\d\/\d{4}$/, y: 6, m: 0, d: 3 },
  'MM-DD-YYYY': { shape: /^\d\d-\d\d-\d{4}$/, y: 6, m: 0, d: 3 },
  'DD/MM/YYYY': { shape: /^\d\d\/\d\d\/\d{4}$/, y: 6, m: 3, d: 0 },
  'DD.MM.YYYY': { shape: /^\d\d\.\d\d\.\d{4}$/, y: 6, m: 3, d: 0 },
} as const satisfies { [form in DateForm]: object }

/** The day that `text` names in this form, or undefined where there is no such day. */
export function dayOf(text: string, form: DateForm): LocalDate | undefined {
  const { shape, y, m, d } = places[form]
  if (!shape.test(text)) return undefined
  const [year, month, day] = [text.slice(y, y + 4), text.slice(m, m + 2), text.slice(d, d + 2)]
  return exists(Number(year), Number(month), Number(day)) ? `${year}-${month}-${day}` : undefined
}

const months = 'January February March April May June July August September October November December'.split(' ')

/** The day in words, as in a subject: `Thu, November 13th 2025`. */
export function dayInWords(text: string): LocalDate | undefined {
  const [, month = '', day = '', year] = /\b([A-Z][a-z]+) (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})\b/.exec(text) ?? []
  const number = months.indexOf(month) + 1
  const pad = (part: string | number) => String(part).padStart(2, '0')
  return dayOf(`${year}-${pad(number)}-${pad(day)}`, 'YYYY-MM-DD')
}

function exists(year: number, month: number, day: number): boolean {
  const last = month === 2 ? (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28) : 31
  return year >= 1900 && month >= 1 && month <= 12 && day >= 1 && day <= ([4, 6, 9, 11].includes(month) ? 30 : last)
}

/** What the dates of a whole file say about its form. */
export interface DateEvidence {
  see(text: string): void
  /**
   * A form that its separators tell apart wins by number. Of two that look alike, the documented one (the first of
   * `forms`) stays, unless two different days or more are possible in the other form only and none in the first only:
   * one value never decides.
   */
  form(): DateForm
}

export function dateEvidence(forms: readonly [DateForm, ...DateForm[]]): DateEvidence {
  const fits = new Map<DateForm, number>(forms.map((form) => [form, 0]))
  const only = new Map<DateForm, Set<string>>(forms.map((form) => [form, new Set()]))
  return {
    see(text) {
      const possible = forms.filter((form) => dayOf(text, form) !== undefined)
      for (const form of possible) fits.set(form, (fits.get(form) ?? 0) + 1)
      const alone = possible.length === 1 ? only.get(possible[0] as DateForm) : undefined
      if (alone && alone.size < 2) alone.add(text)
    },
    form() {
      const alike = (a: DateForm, b: DateForm) => places[a].shape.source === places[b].shape.source
      const alone = (form: DateForm) => only.get(form)?.size ?? 0
      return forms.reduce<DateForm>((best, form) => {
        const more = (fits.get(form) ?? 0) > (fits.get(best) ?? 0)
        return (alike(form, best) ? alone(best) === 0 && alone(form) >= 2 : more) ? form : best
      }, forms[0])
    },
  }
}
