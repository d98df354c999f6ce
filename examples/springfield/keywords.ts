import {
  type Adapters,
  type Address,
  type Instant,
  type Interaction,
  type MessageReceived,
  messageReceived,
  type Patron,
  type Prm,
  PrmError,
  type Step,
} from '@prm/core'
import { inbox } from '@prm/inbox'
import { answerKey, type Reading, read, standard, table, verified } from '@prm/keywords'

/** What patrons may join, with the names that they know it by. */
const lists = { teens: ['teen club'] }
const words = table([
  ...standard.filter(({ word }) => word !== 'JOIN' && word !== 'LEAVE'),
  { word: 'JOIN', takes: lists },
  { word: 'LEAVE', takes: lists },
])

/** A keyword, who texted it, and the steps in which to act on it. */
export interface Asked {
  readonly said: Reading
  readonly event: Interaction<'message.received', MessageReceived>
  /** There, for account words: the ILS says that the number is theirs. */
  readonly patron?: Patron
  readonly step: Step
  readonly signal: AbortSignal
}

/** What the host does where a keyword asks for it. Each may be tried again after a crash. */
export interface Desk {
  /** RENEW 2, MYHOLDS, HOURS: asks the ILS or the calendar, and says it in words. `task`: what staff are to do then. */
  answer(asked: Asked): Promise<{ readonly text: string; readonly task?: string }>
  /** A page that asks for card and PIN, and then knows this number. A PIN is never asked for by text. */
  link(at: Address): Promise<string>
  /** When a person reads what is written then. */
  reads(at: Instant): string
  /** Tells staff elsewhere too of a question that waits for them. */
  tell?(event: Asked['event'], step: Step): Promise<void>
}

export function keywords<A extends Adapters, T extends string, R extends string>(
  prm: Prm<A, 'answer' | 'teens', T, R>,
  ils: keyof A & string,
  desk: Desk,
): void {
  prm.flow('keywords', messageReceived, async ({ event, patron, step, prm, signal }) => {
    const { who: at, data, seen = '', conversationId } = event
    const { text } = data.content
    // Core has seen to STOP and START, and the provider has answered what is `confirmed`.
    if (!at || !conversationId || data.confirmed || data.optOut === 'stop' || data.optOut === 'start') return
    const fact = { source: event.source, key: event.key }
    const said = read(text, { table: words, ...(patron?.locale !== undefined && { locale: patron.locale }) })
    // The same keyword again in the same minute is answered once: a number that floods costs no more than that.
    const once = [conversationId, said.word, said.scope, said.rest, seen.slice(0, 16)].filter(Boolean).join(' ')
    const reply = (
      text: string,
      key = `keyword ${once}`,
      answers: readonly { source: string; key: string }[] = [fact],
    ) =>
      prm.reply(
        conversationId,
        { text: `Springfield Library: ${text}` },
        { key, purpose: 'answer', inReplyTo: answers },
      )

    if (said.word === 'yes') return // for the question below that waits for it
    if (said.word === 'help')
      return void (await reply('RENEW, MYHOLDS, MYITEMS, FINES, HOURS, JOIN TEENS. STOP ends texts.'))

    // A list by its own name: "STOP TEENS", "LEAVE TEENS".
    if ((said.word === 'stop' || said.word === 'leave') && said.scope !== undefined) {
      const evidence = { text, fact }
      const stop = { address: at, purpose: said.scope, state: 'denied', basis: 'stop', evidence } as const
      await prm.recordConsent({ ...stop, id: `stop ${event.key}`, ...(seen && { at: seen }) })
      return void (await reply('you will get no more texts of this list. JOIN TEENS brings them back.'))
    }

    if (said.how !== 'exact') {
      const key = answerKey(event) // none for a machine that keeps answering us
      if (said.word) return void (key && (await reply(`did you mean ${said.word.toUpperCase()}?`, key)))
      // What no keyword answers waits on the page of the inbox, which may ask which matter it is about.
      const how = await step('about', () => inbox(prm, { purpose: 'answer' }).receive(event))
      if (how !== 'asked') await desk.tell?.(event, step)
      if (how !== 'asked' && key) await reply(`thank you. ${desk.reads(seen)}`, key, [])
      return
    }

    if (said.word === 'join') {
      if (!said.scope) return void (await reply('reply JOIN TEENS for the teen club.'))
      const shown = `reply YES for texts about ${said.scope}, 2 a month. Message rates may apply. STOP ends them.`
      await reply(shown)
      const only = (one: typeof event) => read(one.data.content.text, { table: words, open: true }).word === 'yes'
      const yes = await step.wait('yes', messageReceived, { address: at }, { timeout: '1d', only })
      if (!yes) return
      const evidence = { text: `${shown} | ${yes.data.content.text}`, fact: { source: yes.source, key: yes.key } }
      const join = { address: at, purpose: said.scope, state: 'granted', basis: 'request', evidence } as const
      await prm.recordConsent({ ...join, id: `join ${event.key}`, ...(yes.seen && { at: yes.seen }) })
      return void (await reply('you are on the list.', `joined ${event.key}`, [evidence.fact]))
    }

    const account = words.account.has(said.word ?? '')
    const asked = account && !verified(patron, at, [ils]) ? await whoHas(at) : undefined
    if (asked === null) return void (await reply('our catalogue cannot be asked just now. Please text again later.'))
    const known = verified(patron, at, [ils]) ? patron : asked
    if (account && !known)
      return void (await reply(`we do not know this number yet. Open ${await step('link', () => desk.link(at))}`))
    const { text: answer, task } = await desk.answer({ said, event, step, signal, ...(known && { patron: known }) })
    if (task !== undefined) {
      const whose = known && { patronId: known.id }
      await inbox(prm, { purpose: 'answer' }).task({ key: `${said.word} ${event.key}`, subject: task, ...whose })
    }
    await reply(answer)

    /** The ILS may know them though it told us nothing yet; a number of several is nobody's. `null`: it cannot be asked. */
    async function whoHas(at: Address): Promise<Patron | undefined | null> {
      const found = await step('who', async () => {
        try {
          return await prm.findPatrons(ils, at, signal)
        } catch (error) {
          if (PrmError.is(error)) return null
          throw error
        }
      })
      if (found === null) return null
      return found.length === 1 && verified(found[0], at, [ils]) ? found[0] : undefined
    }
  })
}
