import { de } from './languages/de.ts'
import { en } from './languages/en.ts'
import { es } from './languages/es.ts'
import { fr } from './languages/fr.ts'
import type { Language } from './languages/language.ts'
import { vi } from './languages/vi.ts'
import { zh } from './languages/zh.ts'

/** The languages in which an opt-out is read, whatever the patron's own. */
export const languages: readonly Language[] = [en, es, fr, de, zh, vi]
