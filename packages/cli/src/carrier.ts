import type { Adapter } from '@prm/core'
import type { AnyPrm, Carrier } from './config.ts'
import { ask, type Found } from './prompt.ts'

/** Toll-free area codes of the North American Numbering Plan. */
const tollFree = /^\+1(800|833|844|855|866|877|888)/

/**
 * What carriers of the United States want before they carry an application's texts: a brand and a campaign for a local
 * number (else Twilio error 30034), a verification for a toll-free one (30032). Brand, campaign and verification are taken
 * as they are declared; whether a carrier approved them, the provider's console says.
 */
export async function carrierOf(prm: AnyPrm, carrier: Carrier, signal: AbortSignal): Promise<readonly Found[]> {
  const { library } = prm.options
  const texting = Object.entries(prm.adapters).filter(([, { channel }]) => channel?.medium === 'sms')
  if (library.region !== 'US' || texting.length === 0) return []
  const senders = texting.flatMap(([, { channel }]) => channel?.senders ?? []).map(({ address }) => address.value)
  const local = senders.length === 0 || senders.some((one) => one.startsWith('+1') && !tollFree.test(one))
  return [
    ...(local
      ? [declared('brand', carrier.brand, '10DLC brand'), declared('campaign', carrier.campaign, '10DLC campaign')]
      : []),
    ...(senders.some((one) => tollFree.test(one))
      ? [declared('tollFree', carrier.tollFree, 'toll-free verification')]
      : []),
    ...samplesOf(texting[0]?.[1], carrier.samples ?? [], library.name),
    await privacyPage(carrier.privacy, signal),
  ]
}

function declared(field: 'brand' | 'campaign' | 'tollFree', value: string | undefined, words: string): Found {
  const what = `carrier ${field}`
  if (value) return { what, ok: true, detail: `${words} ${value}, as declared.` }
  return {
    what,
    ok: false,
    detail: `No ${words} is declared: carriers refuse texts without one.`,
    hint: `Register with your provider, then set carrier.${field} in the config.`,
  }
}

function samplesOf(adapter: Adapter | undefined, samples: readonly string[], name: string): readonly Found[] {
  const what = 'carrier samples'
  if (samples.length === 0)
    return [
      {
        what,
        ok: false,
        detail: 'No sample texts are declared.',
        hint: 'Copy two that prm outreach show prints to carrier.samples.',
      },
    ]
  return samples.map((text, index) => {
    const measured = adapter?.channel?.measure({ text })
    const faults = [
      ...(text.includes(name) ? [] : [`it does not name ${name}`]),
      ...(/\bSTOP\b/.test(text) ? [] : ['it does not say how to stop']),
      ...(measured?.tooLong ? ['it is too long'] : []),
    ]
    const size = measured ? `${measured.units} ${measured.units === 1 ? 'part' : 'parts'}` : 'not measured'
    return {
      what: `${what}[${index}]`,
      ok: faults.length === 0,
      detail: faults.length === 0 ? `names the library, says how to stop, ${size}.` : `${faults.join(', ')}.`,
    }
  })
}

async function privacyPage(url: string | undefined, signal: AbortSignal): Promise<Found> {
  const what = 'carrier privacy'
  const hint = 'Publish a page that says what the library does with numbers, and set carrier.privacy to its URL.'
  if (!url || !URL.canParse(url)) return { what, ok: false, detail: 'No privacy page is declared.', hint }
  const answer = await ask(url, {}, signal)
  if (!(answer instanceof Response)) return { what, ok: 'unknown', detail: `${url} ${answer} from here.` }
  if (!answer.ok) return { what, ok: false, detail: `${url} answers ${answer.status}.`, hint }
  const text = await answer.text().catch(() => '')
  return /\b(texts?|sms|text messag|mobile|phone)/i.test(text)
    ? { what, ok: true, detail: `${url} is there, and speaks of texts or numbers.` }
    : { what, ok: false, detail: `${url} is there, and says nothing of texts or numbers.`, hint }
}
